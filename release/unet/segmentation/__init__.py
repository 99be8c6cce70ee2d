"""What every assignment on image segmentation shares, whatever is on its pictures.

Data:      `input_pipeline` from examples to batches; `download` archives of pictures; `errors` about files on disk
Classes:   `classes` their names, colours and stripes
Training:  `training` a package, on whatever hardware there is; `metrics` how good a segmentation is
Pictures:  `mask_pictures` frames and masks; `training_pictures` curves and confusion; `growing_prediction` an
           animation; `pictures` the form that all of them have
Tools:     `atomic_files` written whole; `commands` beside a notebook; `processors` that may be used; `progress_line`
           that is updated in place; `quiet_start` of TensorFlow, without its log

Nothing is imported here: what needs numpy alone does not wait for Keras.
"""
