"""Accuracy, IoU and confusion on small cases that can be counted by hand."""

import numpy as np
import pytest

from segmentation import metrics

NAMES = ("sky", "road", "pole", "water")


class Echo:
    """Predicts what stands in the first channel of the image."""

    def predict_on_batch(self, images):
        return np.eye(4)[images[..., 0].astype(int)]


def batch(true, predicted):
    true, predicted = np.array(true, np.uint8), np.array(predicted, np.uint8)
    return predicted[None, ..., None], true[None, ..., None]


# true mask, predicted mask, IoU of each class, accuracy
CASES = {
    "all right": ([[0, 1], [1, 0]], [[0, 1], [1, 0]], (1, 1, None, None), 1),
    "all wrong": ([[0, 0]], [[1, 1]], (0, 0, None, None), 0),
    "half": ([[0, 0, 1, 1]], [[0, 1, 1, 1]], (1 / 2, 2 / 3, None, None), 3 / 4),
    "a class that is only predicted counts": ([[0, 0]], [[0, 2]], (1 / 2, None, 0, None), 1 / 2),
    "a class that is missed counts": ([[0, 2]], [[0, 0]], (1 / 2, None, 0, None), 1 / 2),
}


@pytest.mark.parametrize("case", CASES)
def test_iou(case):
    true, predicted, iou, accuracy = CASES[case]
    confusion = metrics.confusion_matrix(Echo(), [batch(true, predicted)])
    found = metrics.class_iou(confusion)
    assert [None if np.isnan(value) else value for value in found] == [
        pytest.approx(v) if v is not None else v for v in iou
    ]
    assert metrics.accuracy(confusion) == accuracy
    assert metrics.mean_iou(confusion) == pytest.approx(np.mean([value for value in iou if value is not None]))


def test_rows_are_true_classes_and_batches_add_up():
    batches = [batch([[0, 2]], [[1, 2]]), batch([[0, 0]], [[1, 0]])]
    confusion = metrics.confusion_matrix(Echo(), batches)
    assert confusion[0, 1] == 2 and confusion[1, 0] == 0 and confusion.sum() == 4


def test_it_is_what_keras_calculates():
    keras = pytest.importorskip("keras")
    rng = np.random.default_rng(0)
    true, predicted = rng.integers(0, 4, (2, 6, 6))
    metric = keras.metrics.MeanIoU(4)
    metric.update_state(true, predicted)
    confusion = metrics.confusion_matrix(Echo(), [batch(true, predicted)])
    assert metrics.mean_iou(confusion) == pytest.approx(float(metric.result()))


def test_the_table_names_classes_and_what_they_were_taken_for():
    confusion = metrics.confusion_matrix(Echo(), [batch([[0, 0, 0, 2]], [[0, 0, 1, 0]])])
    table = metrics.class_table(confusion, NAMES)
    assert table["class"].tolist() == ["sky", "pole", "road"]
    sky = table.set_index("class").loc["sky"]
    assert sky["pixels (%)"] == 75 and sky["IoU"] == 0.5 and sky["most often taken for"] == "road"
    assert sky["recall"] == pytest.approx(0.667) and sky["precision"] == pytest.approx(0.667)
    pole = table.set_index("class").loc["pole"]
    assert pole["IoU"] == 0 and pole["most often taken for"] == "sky" and np.isnan(pole["precision"])


@pytest.mark.parametrize(
    "batches, message",
    [
        ([], "the dataset is empty"),
        ([batch([[0, 9]], [[0, 0]])], "run from 0 to 3, but a mask holds 0 to 9"),
        ([(np.zeros((1, 2, 2, 1)), np.zeros((1, 3, 3, 1)))], "9 pixels in the masks, but 4"),
    ],
)
def test_what_cannot_be_counted_is_refused(batches, message):
    with pytest.raises(ValueError, match=message):
        metrics.confusion_matrix(Echo(), batches)
