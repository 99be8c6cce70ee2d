"""Practice scenes: street scenes that are drawn, each with its mask.

`camera`    perspective, sun, weather and lens
`objects`   what stands along a street
`street`    a street composed of them
`writing`   scenes as files, `worker` one of the processes that draw them

The scenes are drawn, not simulated: simple shapes in perspective, each on the image and on the mask at once. Sun,
weather and camera change from scene to scene by more than they do in the CARLA set, so that a network trained on the
scenes does not rely on any one of them.
"""

from .street import draw_scene
from .writing import write_scenes

__all__ = ["draw_scene", "write_scenes"]
