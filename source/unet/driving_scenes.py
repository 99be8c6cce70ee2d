"""Practice scenes in the layout of the CARLA set, for running the notebook without downloading anything.

In a terminal:          python driving_scenes.py data --count 100
In a notebook cell:     !python driving_scenes.py data --count 100

The scenes are drawn, not simulated: simple shapes in perspective, each on the image and on the mask at once. Sun,
weather and camera change from scene to scene by more than they do in the CARLA set, so that a network trained on the
scenes does not lean on any one of them. Needs numpy, Pillow, and beside it the modules scene_camera,
scene_objects, carla_classes and the folder segmentation.
"""

import argparse
import contextlib
import os
import struct
import subprocess
import sys
import zlib
from functools import partial
from pathlib import Path

import numpy as np

import scene_objects as objects
from scene_camera import FAR, NEAR, Scene
from segmentation.atomic_files import write_together
from segmentation.commands import whole_number, write_or_tell
from segmentation.errors import DataError
from segmentation.processors import usable_processors
from segmentation.progress_line import ProgressLine

LANE = 3.5  # metres, as are all lengths below
# Fewer scenes than this are drawn sooner than more processes would have started.
SCENES_WORTH_A_PROCESS = 12
MOST_PROCESSES = 8
FOLDER_NAMES = "CameraRGB", "CameraMask"
# What a process that draws a share of the scenes reports for each; any other byte is the number of an error.
DONE = b"\0"


def _draw_far_land(scene):
    rng = scene.rng
    lateral = np.arange(-400, 401, 4.0)

    def waves(length):
        return np.sin(lateral / length + rng.uniform(0, 6))

    hills = np.clip(rng.uniform(-8, 8) + rng.uniform(2, 12) * waves(rng.uniform(40, 130)) + 2 * waves(17), 0, None)
    trees = np.clip(rng.uniform(8, 24) + rng.uniform(1, 9) * waves(rng.uniform(15, 60)), 1, None)
    spruces = trees * rng.uniform(0.45, 1.15, lateral.size)
    hill_colour = objects.vary(rng, rng.choice([(112, 122, 84), (150, 136, 112), (96, 104, 84)]))
    far, near = [(-400.0, -2.0)], [(400.0, -2.0)]
    scene.upright(0, 230, [*far, *zip(lateral, hills), *near], "terrain", hill_colour)
    if rng.random() < 0.85:
        wood = objects.vary(rng, (100, 122, 76), 0.35)
        scene.upright(0, 200, [*far, *zip(lateral, spruces), *near], "vegetation", wood)
        nearer = [*far, *zip(lateral, spruces[::-1] * rng.uniform(0.3, 0.8)), *near]
        scene.upright(0, 150, nearer, "vegetation", wood * rng.uniform(0.6, 1.2))
    grass = objects.vary(rng, rng.choice([(106, 128, 62), (96, 122, 58), (134, 126, 100)]), 0.3)
    scene.strip((-400, 0), (400, 0), "terrain", grass)
    if rng.random() < 0.12:
        side = rng.choice([-1, 1])
        blue = objects.vary(rng, (112, 128, 138))
        scene.strip((side * 30, 0), (side * 300, 0), "water", blue, rng.uniform(40, 90), 220)


def _draw_road(scene, left, right, lane_lines):
    rng = scene.rng
    asphalt = objects.vary(rng, rng.choice([(138, 133, 130), (126, 124, 124), (146, 136, 122)]), 0.12)
    scene.strip((left, 0), (right, 0), "road", asphalt)
    # Mended places across the road, tracks of tyres along it.
    for depth in rng.uniform(3, 25, rng.integers(0, 4)).tolist():
        shade, end = rng.uniform(0.85, 1.05), depth + rng.uniform(0.6, 5)
        band = [(left, 0, depth), (right, 0, depth), (right, 0, end), (left, 0, end)]
        scene.draw(band, None, asphalt * shade)
    for line in lane_lines:
        scene.strip((line + 0.6, 0), (line + 1.2, 0), None, asphalt * rng.uniform(0.94, 1.03))
    worn = rng.uniform(0.85, 1.12)
    white, yellow = np.multiply((208, 204, 196), worn), np.multiply((200, 176, 90), worn)
    double_yellow, edge_lines = rng.random(2) < (0.35, 0.6)
    wide = rng.uniform(0.05, 0.09)
    for line in lane_lines:
        bounds = (line - wide, 0), (line + wide, 0)
        if line == lane_lines[0] and double_yellow:
            for shift in (-0.16, 0.16):
                scene.strip((line + shift - wide, 0), (line + shift + wide, 0), "road line", yellow)
        elif line in (lane_lines[0], lane_lines[-1]) and edge_lines:
            scene.strip(*bounds, "road line", white)
        else:
            for start in np.arange(rng.uniform(-1, 8), 120, 9).tolist():
                scene.strip(*bounds, "road line", white, max(start, NEAR), start + 3)
    return asphalt, white


def _draw_junction(scene, left, right, asphalt, white, near, far):
    """Draw a road across, over everything flat, with a stop line and perhaps a zebra crossing before it."""
    scene.strip((-150, 0), (150, 0), "road", asphalt, near, far)
    scene.strip((-LANE / 2, 0), (right, 0), "road line", white, near - 1, near - 0.6)
    if scene.rng.random() < 0.5:
        for stripe in np.arange(left + 0.3, right - 0.6, 1.2).tolist():
            scene.strip((stripe, 0), (stripe + 0.6, 0), "road line", white, max(NEAR, near - 5), near - 1.8)


def _draw_shadows(scene, left, right):
    """Let trees, houses and other things beside or behind the camera throw shadows on the ground."""
    rng = scene.rng
    polygons = []
    if rng.random() < 0.5:
        side = rng.choice([-1, 1])
        start = rng.uniform(-1, 30)
        edge = rng.uniform(left, right)
        end = start + rng.exponential(15) + 2
        lean = rng.uniform(-8, 8)
        near = max(NEAR, start)
        polygons.append([(side * 60, near), (edge, near), (edge + lean, max(near + 0.3, end)), (side * 60, end + 4)])
    for _ in range(rng.integers(0, 9)):
        place, depth = rng.uniform(left - 4, right + 4), rng.uniform(2, 45)
        blob = objects.disc(16, rng.uniform(1, 9), rng.uniform(0.5, 4), 0) * rng.uniform(0.6, 1.3, (16, 1))
        blob += (place, depth)
        polygons.append(np.maximum(blob, (-200, NEAR)).tolist())
    scene.darken(polygons)


def _lay_side(scene, edge, side, pavement):
    """Draw the ground beside the road: the pavement, where there is one, with its kerb, and bare ground."""
    rng = scene.rng
    if rng.random() < 0.25:
        scene.strip((edge, 0), (edge + side * rng.uniform(1, 15), 0), "ground", objects.vary(rng, (138, 124, 108)))
    if pavement:
        stone = objects.vary(rng, (160, 152, 144))
        scene.strip((edge, 0.12), (edge + side * pavement, 0.12), "sidewalk", stone)
        scene.strip((edge, 0), (edge, 0.12), "sidewalk", stone * 0.75)
    if rng.random() < 0.08:
        bed = edge + side * (pavement + rng.uniform(2, 8))
        scene.strip((bed, 0), (bed + side * 2.6, 0), "rail track", objects.vary(rng, (112, 98, 84)))


def _fill_side(scene, edge, side, town, pavement, junction):
    """Draw what stands beside the road, and return what stands at its edge, to be drawn later.

    Arguments:
        scene: the Scene.
        edge: lateral position of the edge of the road.
        side: -1 on the left, 1 on the right.
        town: whether there are many houses and few trees.
        pavement: width of the pavement in metres, 0 for none.
        junction: (near, far) depth of a road across, which nothing may stand on, or None.

    Returns:
        list of (depth, function that draws it).
    """
    rng = scene.rng
    verge = edge + side * (pavement + rng.uniform(0.2, 4))
    near, far = junction or (FAR, FAR)
    things = []
    depth = rng.uniform(4, 50)
    while depth < 200:
        length = rng.uniform(10, 34)
        if rng.random() < (0.8 if town else 0.16) and not (depth < far and depth + length > near):
            height = (
                rng.choice([rng.uniform(6, 22), rng.uniform(18, 50)], p=[0.75, 0.25]) if town else rng.uniform(4, 10)
            )
            place, width = verge + side * rng.uniform(3, 22), rng.uniform(12, 30)
            things.append((depth, partial(objects.draw_building, scene, place, depth, side, width, length, height)))
        depth += length + rng.uniform(1, 30)
    for depth in (8 + 110 * rng.random(rng.integers(5, 18) if town else rng.integers(14, 42)) ** 0.8).tolist():
        if not near < depth < far:
            place = verge + side * rng.uniform(2, 28)
            things.append((depth, partial(objects.draw_tree, scene, place, depth, rng.uniform(4, 17))))
    if rng.random() < 0.12:
        depth = rng.uniform(15, 60)
        things.append((depth, partial(objects.draw_billboard, scene, verge + side * rng.uniform(1, 8), depth)))
    _draw_from_far(things)
    if rng.random() < 0.2:
        objects.draw_power_line(scene, verge)
    behind = {"wall": 0.32, "hedge": 0.14, "fence": 0.24, "bank": 0.14, "": 0.16}
    behind = rng.choice(list(behind), p=list(behind.values()))
    before = rng.choice(["guard rail", "concrete", ""], p=[0.3, 0.3, 0.4])
    for start, end in ((far, FAR), (NEAR, near)):
        if end > start:
            objects.draw_barrier(scene, verge + side * rng.uniform(0.6, 3), side, behind, start, end)
            objects.draw_barrier(scene, verge, side, before, start, end)

    kerb = edge + side * min(0.5, pavement)
    at_edge = []
    if rng.random() < 0.7:
        for depth in np.arange(rng.uniform(6, 40), 150, rng.uniform(25, 45)).tolist():
            at_edge.append((depth, partial(objects.draw_street_lamp, scene, kerb, depth, side)))
    if rng.random() < 0.5:
        depth = rng.uniform(8, 45)
        at_edge.append((depth, partial(objects.draw_traffic_sign, scene, kerb, depth)))
    if rng.random() < (0.7 if junction else 0.1):
        depth = far if junction and far < 80 else rng.uniform(20, 60)
        at_edge.append((depth, partial(objects.draw_traffic_light, scene, kerb, depth, side)))
    if pavement:
        for depth in rng.uniform(10, 60, rng.integers(0, 3)).tolist():
            place = edge + side * rng.uniform(0.4, pavement)
            at_edge.append((depth, partial(objects.draw_pedestrian, scene, place, depth)))
        for depth in rng.uniform(7, 40, rng.integers(0, 3) if town else 0).tolist():
            at_edge.append((depth, partial(objects.draw_bin, scene, kerb + side * 0.4, depth)))
        if rng.random() < (0.15 if town else 0.04):
            depth = rng.uniform(10, 35)
            at_edge.append((depth, partial(objects.draw_shelter, scene, kerb + side * 0.3, depth, side)))
    return at_edge


def _draw_from_far(things):
    for _, draw_thing in sorted(things, key=lambda thing: -thing[0]):
        draw_thing()


def draw_scene(rng):
    """Draw one street scene and its mask.

    Arguments:
        rng: numpy.random.Generator; the same state gives the same scene.

    Returns:
        (image, class_ids): uint8 arrays of shapes (480, 640, 3), colours from 0 to 255, and (480, 640), class
        ids from 0 to 22.
    """
    scene = Scene(rng)
    # The camera drives about the middle of a lane, seldom near the edge of the road.
    lanes = rng.normal(0, 0.3) + LANE * np.arange(-rng.integers(0, 4), rng.integers(1, 4))
    if rng.random() < 0.12:
        lanes -= lanes[-1] + rng.uniform(0, 2)
    lane_lines = np.append(lanes, lanes[-1] + LANE) - LANE / 2
    shoulders = np.where(rng.random(2) < 0.5, rng.uniform(0.2, 0.8, 2), rng.uniform(0.5, 6, 2))
    left, right = (lane_lines[[0, -1]] + (-1, 1) * shoulders).tolist()
    _draw_far_land(scene)
    sides = []
    for edge, side in ((left, -1), (right, 1)):
        town = rng.random() < 0.45
        pavement = rng.uniform(1.4, 4) if rng.random() < (0.95 if town else 0.75) else 0.0
        _lay_side(scene, edge, side, pavement)
        sides.append((edge, side, town, pavement))
    asphalt, white = _draw_road(scene, left, right, lane_lines)
    junction = None
    if rng.random() < 0.35:
        near = rng.uniform(9, 60)
        junction = near, near + rng.uniform(8, 22)
        _draw_junction(scene, left, right, asphalt, white, *junction)
    if scene.sunshine > 0.3:
        _draw_shadows(scene, left, right)
    if rng.random() < 0.1:
        objects.draw_overpass(scene, rng.uniform(60, 140), left, right)
    things = [thing for side in sides for thing in _fill_side(scene, *side, junction)]
    for lane in lanes[rng.random(lanes.size) < 0.28].tolist():
        # Nobody drives close before the camera in its own lane.
        depth = rng.uniform(16 if abs(lane) < LANE / 2 else 5, 60)
        things.append((depth, partial(objects.draw_vehicle, scene, lane, depth)))
    _draw_from_far(things)
    return scene.finish()


def write_scenes(folder, count, seed=0):
    """Write practice scenes in the layout of the CARLA set, and show the progress in one line.

    Scene k, counted from 1, becomes CameraRGB/00000k.png and CameraMask/00000k.png in the folder, both RGBA,
    480 x 640, 8 bit. In a mask red is the class id, green and blue are 0, alpha is 255. A scene depends on
    the seed and on its number alone: 10 scenes are the first 10 of 100. Many scenes are drawn in several processes
    at a time. However it ends, image and mask of a scene are both there or neither is.

    Arguments:
        folder: folder to write to, str or path; made if missing.
        count: number of scenes, 1 or more.
        seed: integer from 0.

    Raises:
        DataError: there are PNG files in CameraRGB or CameraMask already.
        OSError: the folder cannot be written to.
    """
    folders = [Path(folder) / name for name in FOLDER_NAMES]
    for path in folders:
        found = list(path.glob("[!.]*.png"))
        if found:
            raise DataError(
                f"{path} holds {len(found):,} PNG file{'' if len(found) == 1 else 's'} already; "
                "nothing was written.\nUse them as they are, or delete or move away both CameraRGB and "
                "CameraMask, or name another folder."
            )
    for path in folders:
        path.mkdir(parents=True, exist_ok=True)
    n_processes = min(usable_processors(), MOST_PROCESSES, count // SCENES_WORTH_A_PROCESS)
    if n_processes > 1:
        drawn = _written_by_processes(folder, count, seed, n_processes)
    else:
        drawn = _written_here(folder, range(1, count + 1), seed)
    # A notebook keeps what was under way when a cell was interrupted; the workers must end all the same.
    with ProgressLine() as line, contextlib.closing(drawn):
        for done, _ in enumerate(drawn, start=1):
            line.show(f"Drew {done:,} of {count:,} scenes", is_last=done == count)


def _written_here(folder, numbers, seed):
    """Draw and save the scenes of these numbers; yield each number when its pair of files is there."""
    for number in numbers:
        image, class_ids = draw_scene(np.random.default_rng([seed, number]))
        zeros, opaque = np.zeros_like(class_ids), np.full_like(class_ids, 255)
        pictures = np.dstack([image, opaque]), np.dstack([class_ids, zeros, zeros, opaque])
        paths = [Path(folder) / name / f"{number:06d}.png" for name in FOLDER_NAMES]
        write_together(dict(zip(paths, map(_png, pictures))))
        yield number


def _written_by_processes(folder, count, seed, n_processes):
    """Have processes draw every n-th scene each, where they may be started; yield when a scene is done.

    They run this file, and share nothing with the caller. Neither forking, which may hang once TensorFlow has run,
    nor what multiprocessing does instead, which needs a main module that may be imported again, suits a notebook.
    """
    command = [sys.executable, os.path.abspath(__file__), os.fspath(folder), f"--count={count}", f"--seed={seed}"]
    reader, writer = os.pipe()
    workers = []
    try:
        with open(reader, "rb", buffering=0) as reports:
            try:
                for share in range(1, n_processes + 1):
                    workers.append(_start([*command, f"--share={share}/{n_processes}"], writer))
            except OSError:
                _stop(workers, folder)
                yield from _written_here(folder, range(1, count + 1), seed)
                return
            finally:
                os.close(writer)
            while report := reports.read(1):
                if report != DONE:
                    raise OSError(report[0], os.strerror(report[0]))
                yield report
        for worker in workers:
            said = worker.communicate()[1].decode(errors="replace")
            if worker.returncode:
                raise RuntimeError(f"a process that draws scenes ended with {worker.returncode}:\n{said[-2000:]}")
    finally:
        _stop(workers, folder)


def _start(command, writer):
    # In a session of its own, no worker sees the Ctrl-C that is meant for this process.
    return subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=writer, stderr=subprocess.PIPE, start_new_session=True
    )


def _stop(workers, folder):
    """End the workers, and remove what they have left half done."""
    for worker in workers:
        worker.kill()
    for worker in workers:
        worker.wait()
        worker.stderr.close()
    images, masks = [Path(folder) / name for name in FOLDER_NAMES]
    name = "[0-9]" * 6 + "*.png"
    for path in [*images.glob(f"{name}.part"), *masks.glob(f"{name}.part")]:
        path.unlink()
    for here, there in ((images, masks), (masks, images)):
        for path in here.glob(name):
            if not (there / path.name).exists():
                path.unlink()


def _draw_share(folder, count, seed, share):
    """Draw every n-th scene, as one of the processes of write_scenes; return the exit status."""
    first, step = share
    try:
        for _ in _written_here(folder, range(first, count + 1, step), seed):
            os.write(sys.stdout.fileno(), DONE)
    except BrokenPipeError:
        # Nobody waits for the scenes any more.
        return 1
    except OSError as error:
        os.write(sys.stdout.fileno(), bytes([error.errno]))
        return 1
    return 0


def _png(pixels):
    """Return uint8 (height, width, 4) as the bytes of a PNG file; specification: https://www.w3.org/TR/png-3/.

    Pillow tries five filters for every row, and takes longer over it than the scene took to draw.
    """
    height, width, _ = pixels.shape
    rows = pixels.reshape(height, -1)
    filtered = np.empty((height, 1 + rows.shape[1]), np.uint8)
    filtered[:, 0] = 2  # each row as its difference from the one above
    filtered[0, 1:] = rows[0]
    np.subtract(rows[1:], rows[:-1], out=filtered[1:, 1:])
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)  # 8 bits of red, green, blue and alpha
    chunks = (b"IHDR", header), (b"IDAT", zlib.compress(filtered, 1)), (b"IEND", b"")
    framed = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(framed)


def _share(text):
    first, _, step = text.partition("/")
    return int(first), int(step)


def main(arguments=None):
    """Write practice scenes from the command line; return the exit status."""
    parser = argparse.ArgumentParser(description="Write practice scenes in the layout of the CARLA set.")
    parser.add_argument("folder", help="where CameraRGB and CameraMask go, such as data")
    parser.add_argument("--count", type=whole_number(1), default=100, help="number of scenes (default 100)")
    parser.add_argument("--seed", type=whole_number(0), default=0, help="seed of the scenes (default 0)")
    # For the processes that write_scenes starts.
    parser.add_argument("--share", type=_share, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.share:
        return _draw_share(options.folder, options.count, options.seed, options.share)
    status = write_or_tell(
        lambda: write_scenes(options.folder, options.count, options.seed),
        options.folder,
        f"Stopped. The scenes in {options.folder} so far are whole and can be used.",
    )
    if status:
        return status
    where = Path(options.folder).resolve()
    print(f"Wrote {options.count:,} images to {where / 'CameraRGB'}, their masks to {where / 'CameraMask'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
