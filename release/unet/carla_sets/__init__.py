"""Real sets of driving scenes: download them, convert them to the course's layout, check them.

`class_tables` and `recognition`   how masks name their classes
`layouts`                          which folders and files make a set
`conversion`                       from any of these to the course's layout
`checking`                         every fault of a set
`downloads`                        sets on Kaggle and on web servers

Needs numpy, Pillow, and beside it the modules carla, carla_classes, data_check and the folder segmentation; `kagglehub`
for the download from Kaggle.
"""

from .checking import check_set
from .class_tables import TABLES
from .conversion import import_set
from .downloads import fetch_from_kaggle, fetch_url
from .layouts import find_source_pairs
from .recognition import recognise_table

__all__ = [
    "TABLES",
    "check_set",
    "fetch_from_kaggle",
    "fetch_url",
    "find_source_pairs",
    "import_set",
    "recognise_table",
]
