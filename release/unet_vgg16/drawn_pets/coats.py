"""Breeds of cats and dogs: the look of their fur, and what differs from pet to pet."""

from dataclasses import dataclass, field

import numpy as np

PINK, DARK = (206, 140, 132), (38, 32, 32)

WHITE = (236, 232, 224)


@dataclass(frozen=True)
class Coat:
    """What the fur of a kind of pet looks like.

    Attributes:
        colour: (red, green, blue) of most of the fur.
        second: the colour of its pattern.
        pattern: "plain", "stripes", "patches", "spots", "points" (dark at the ends) or "saddle" (dark on the back).
        pale: the colour of muzzle and chest, and of the paws if `socks`; None where they are as the rest.
        socks: bool, whether the paws are pale.
        hair: float, length of the hair: 0 lies flat, 1 hangs long.
    """

    colour: tuple[int, int, int]
    second: tuple[int, int, int] = DARK
    pattern: str = "plain"
    pale: tuple[int, int, int] | None = None
    socks: bool = False
    hair: float = 0.3


CATS = {
    "Ginger_Tabby": Coat((212, 142, 82), (168, 94, 46), "stripes", (240, 218, 190)),
    "Grey_Tabby": Coat((158, 150, 138), (84, 76, 70), "stripes", (212, 204, 192)),
    "Tuxedo": Coat((52, 50, 54), pale=WHITE, socks=True),
    "Black_Shorthair": Coat((56, 50, 50), hair=0.1),
    "White_Longhair": Coat((232, 226, 216), hair=1.0),
    "Calico": Coat((234, 226, 214), (196, 118, 58), "patches", WHITE),
    "Blue_Shorthair": Coat((132, 138, 150), hair=0.2),
    "Colourpoint": Coat((226, 208, 184), (86, 64, 54), "points", hair=0.4),
    "Brown_Longhair": Coat((136, 100, 72), (76, 54, 40), "stripes", (206, 184, 156), hair=0.9),
}

DOGS = {
    "golden_longhair": Coat((206, 158, 98), pale=(228, 194, 148), hair=0.8),
    "brown_hound": Coat((162, 104, 62), (60, 46, 40), "saddle", WHITE, socks=True, hair=0.1),
    "black_and_tan": Coat((54, 46, 44), pale=(176, 112, 62), socks=True, hair=0.1),
    "spotted_shorthair": Coat((234, 230, 224), (50, 46, 46), "spots", hair=0.1),
    "white_curly": Coat((234, 228, 218), hair=1.0),
    "grey_spitz": Coat((142, 138, 138), (66, 64, 68), "saddle", (226, 222, 216), socks=True, hair=0.8),
    "chocolate_shorthair": Coat((104, 70, 52), hair=0.15),
    "black_and_white": Coat((48, 46, 50), pale=WHITE, socks=True, hair=0.7),
    "fawn_pug_nose": Coat((212, 176, 134), (64, 52, 48), "points", hair=0.1),
    "patched_terrier": Coat((232, 226, 214), (134, 88, 56), "patches", hair=0.5),
}

CAT_EYES = ((188, 176, 72), (128, 160, 86), (120, 162, 196), (196, 132, 52))

DOG_EYES = ((92, 56, 32), (64, 40, 28), (128, 82, 40))


@dataclass
class Pet:
    """One animal: its breed with all that differs from pet to pet.

    Attributes:
        is_cat: bool.
        coat: Coat.
        rng: numpy.random.Generator.
    """

    is_cat: bool
    coat: Coat
    rng: np.random.Generator
    tint: np.ndarray = field(init=False)
    eyes: tuple = field(init=False)
    ears: str = field(init=False)
    build: float = field(init=False)
    nose: tuple = field(init=False)

    def __post_init__(self) -> None:
        rng = self.rng
        self.tint = np.exp(rng.normal(0, 0.07) + rng.normal(0, 0.025, 3))
        colours = CAT_EYES if self.is_cat else DOG_EYES
        self.eyes = colours[rng.integers(len(colours))]
        self.ears = "pointed" if self.is_cat else rng.choice(["floppy", "pointed", "folded"], p=[0.6, 0.22, 0.18])
        self.build = rng.uniform(0.88, 1.14)
        self.nose = PINK if self.is_cat and rng.random() < 0.7 else DARK

    def colour(self, part: str) -> np.ndarray:
        """Return the colour of a part.

        Args:
            part: str, such as "head", "muzzle" or "tail tip".

        Returns:
            float array (3,): red, green, blue from 12 to 246.
        """
        coat = self.coat
        colour = coat.colour
        if part in ("muzzle", "chest") and coat.pale is not None:
            colour = coat.pale
        if part == "paw" and coat.socks and coat.pale is not None:
            colour = coat.pale
        if coat.pattern == "points" and part in ("ear", "paw", "tail tip"):
            colour = coat.second
        if coat.pattern == "points" and part == "muzzle":
            colour = np.multiply(coat.second, 0.55) + np.multiply(coat.colour, 0.45)
        return np.clip(np.multiply(colour, self.tint), 12, 246)
