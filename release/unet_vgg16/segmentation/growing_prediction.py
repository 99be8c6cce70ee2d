"""How the prediction for one frame grows while a network trains: a Keras callback that writes an animated GIF."""

import base64
import html
import io
import os
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import keras
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from . import metrics
from .atomic_files import write_together
from .classes import ClassTable
from .errors import DataError
from .mask_pictures import class_ids_of, colours_of, draw_mask, frame_confusion, new_panels, predict_mask
from .pictures import MarkupPicture, image_tag

MOST_FRAMES = 40
FRAME_MILLISECONDS = 250
LAST_FRAME_MILLISECONDS = 2000
DOTS_PER_INCH = 72


class GrowingPrediction(keras.callbacks.Callback):
    """Predict the same frame after each epoch, and write image, true mask and predictions as an animated GIF.

        growing = GrowingPrediction(sample_image, sample_mask, classes)
        model.fit(train_dataset, epochs=40, callbacks=[growing])
        growing

    Of a long training at most 40 epochs are drawn, evenly spread, and always the last one. The file is written anew
    after each of them, under another name first, so that an interrupted training leaves the epochs so far.

    Args:
        image: the frame at the size that the network takes, shape (height, width, 3).
        mask: its true mask, class ids of shape (height, width) or (height, width, 1).
        classes: ClassTable.
        path: str or path of the GIF; a file that is there is replaced after the first epoch.
        palette: str, the name of one of the table's palettes, or None for the first.
        preprocess: function of an image, float32 from 0 to 1 of shape (height, width, 3), that gives what the network
            takes; or None where it takes just that.

    Attributes:
        path: str.
        epochs: list of int, the numbers of the epochs that are drawn, from 1.
        mean_ious: list of float, the mean IoU of the frame after each of them.

    Raises:
        ValueError: image and mask differ in size, or there is no such palette.
        DataError: the folder of the file does not exist.
    """

    def __init__(
        self,
        image: Any,
        mask: Any,
        classes: ClassTable,
        path: str | Path = "growing.gif",
        palette: str | None = None,
        preprocess: Callable | None = None,
    ) -> None:
        super().__init__()
        self.path = os.fspath(path)
        folder = os.path.dirname(os.path.abspath(self.path))
        if not os.path.isdir(folder):
            raise DataError(f"The folder {folder} for {os.path.basename(self.path)} does not exist: create it.")
        self._image, self._mask = colours_of(image), class_ids_of(mask, classes)
        if self._image.shape[:2] != self._mask.shape:
            raise ValueError(
                f"the image is {self._image.shape[:2]} pixels (height, width), but its mask is {self._mask.shape}"
            )
        self._classes, self._palette, self._preprocess = classes, palette, preprocess
        self._class_colours = classes.palette(palette).colours
        self._canvas = self._gif_palette = None
        self._start()

    def _start(self) -> None:
        self.epochs, self.mean_ious, self._frames = [], [], []
        self._last_epoch, self._problem, self._data = 0, "", b""

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._start()
        epochs = self.params.get("epochs") or 1
        self._chosen = set(np.linspace(1, epochs, min(epochs, MOST_FRAMES)).round().astype(int).tolist())

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._last_epoch = epoch + 1
        if self._last_epoch in self._chosen:
            self._add_frame()

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        # A training that was stopped early may end with an epoch that was not to be drawn.
        if self._last_epoch and self._last_epoch not in self.epochs:
            self._add_frame()
        if self._problem:
            print(f"\n{self.path} could not be written ({self._problem}); the training itself is done.")

    def _add_frame(self) -> None:
        predicted = predict_mask(self.model, self._image, self._preprocess)
        self.epochs.append(self._last_epoch)
        self.mean_ious.append(metrics.mean_iou(frame_confusion(self._mask, predicted, self._classes)))
        self._frames.append(self._drawn(predicted))
        try:
            self._write()
            self._problem = ""
        except OSError as error:
            # A full disk must not cost the training.
            self._problem = error.strerror or str(error)

    def _drawn(self, predicted: np.ndarray) -> Image.Image:
        """Return image, true mask and prediction as a PIL.Image.Image with a palette."""
        if self._canvas is None:
            self._draw_what_stays()
        self._canvas.restore_region(self._what_stays)
        self._panel.clear()
        self._panel.set_xticks([])
        self._panel.set_yticks([])
        draw_mask(self._panel, predicted, self._classes, self._palette)
        self._panel.set_title(f"after epoch {self.epochs[-1]}: mean IoU {self.mean_ious[-1]:.3f}")
        self._panel.draw(self._canvas.get_renderer())
        frame = Image.fromarray(np.asarray(self._canvas.buffer_rgba())[..., :3].copy())
        if self._gif_palette is None:
            self._gif_palette = self._palette_for(frame)
        return frame.quantize(palette=self._gif_palette, dither=Image.Dither.NONE)

    def _palette_for(self, frame: Image.Image) -> Image.Image:
        """Return a PIL.Image.Image with the 256 colours of the GIF.

        Those of the classes are in it exactly: otherwise nothing would be left of a class that covers a few pixels.
        """
        colours = np.concatenate([self._class_colours, [(0, 0, 0), (255, 255, 255)]]).astype(np.uint8)
        others = frame.quantize(256 - len(colours)).getpalette()[: 3 * (256 - len(colours))]
        picture = Image.new("P", (1, 1))
        picture.putpalette(colours.tobytes() + bytes(others))
        return picture

    def _draw_what_stays(self) -> None:
        """Draw image, true mask and legend once: drawing all of it after each epoch would hold up the training."""
        # All classes, whatever is predicted: a legend that grows would make frames of different sizes.
        ids = np.arange(self._classes.n_classes)
        aspect = self._mask.shape[0] / self._mask.shape[1]
        figure, axes = new_panels(3, aspect, ids, self._classes, self._palette)
        axes[0].imshow(self._image, interpolation="nearest")
        axes[0].set_title("image")
        draw_mask(axes[1], self._mask, self._classes, self._palette)
        axes[1].set_title("true mask")
        self._panel = axes[2]
        self._panel.set_visible(False)
        figure.set_dpi(DOTS_PER_INCH)
        self._canvas = FigureCanvasAgg(figure)
        self._canvas.draw()
        self._what_stays = self._canvas.copy_from_bbox(figure.bbox)
        self._panel.set_visible(True)

    def _write(self) -> None:
        durations = [FRAME_MILLISECONDS] * (len(self._frames) - 1) + [LAST_FRAME_MILLISECONDS]
        buffer = io.BytesIO()
        self._frames[0].save(
            buffer,
            format="GIF",
            save_all=True,
            append_images=self._frames[1:],
            # Pillow takes no list for a single frame.
            duration=durations if len(durations) > 1 else durations[0],
            loop=0,
        )
        self._data = buffer.getvalue()
        write_together({Path(self.path): self._data})

    def _repr_mimebundle_(
        self, include: Collection[str] | None = None, exclude: Collection[str] | None = None
    ) -> dict[str, str]:
        return self.picture()._repr_mimebundle_()

    def picture(self) -> MarkupPicture:
        """Return the animation, for a notebook to show.

        Returns:
            MarkupPicture: it repeats, and closing it stops it. Before the first epoch has ended, it says so.
        """
        if not self.epochs:
            return MarkupPicture(
                "<p>Nothing to show yet: no epoch has ended.</p>", "Nothing to show yet: no epoch has ended."
            )
        description = (
            f"Animation: image, true mask and the prediction after each of {len(self.epochs)} epochs, from number "
            f"{self.epochs[0]} (mean IoU of this frame {self.mean_ious[0]:.3f}) to number {self.epochs[-1]} "
            f"(mean IoU {self.mean_ious[-1]:.3f})."
        )
        image = image_tag(base64.b64encode(self._data).decode(), "image/gif", description)
        summary = html.escape(f"{os.path.basename(self.path)} (close to stop the animation)")
        return MarkupPicture(f"<details open><summary>{summary}</summary>{image}</details>", description)
