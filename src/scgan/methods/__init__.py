"""The methods, one file each, readable beside its paper."""

from scgan.methods.cyclegan import CycleGAN
from scgan.methods.pix2pix import Pix2Pix
from scgan.methods.scgan import SCGAN
from scgan.methods.spade import SPADE
from scgan.methods.wgan_gp import ACWGAN, WGANGP

METHODS: dict[str, type[SCGAN | WGANGP | ACWGAN | Pix2Pix | CycleGAN | SPADE]] = {
    "scgan": SCGAN,
    "wgan-gp": WGANGP,
    "acwgan": ACWGAN,
    "pix2pix": Pix2Pix,
    "cyclegan": CycleGAN,
    "spade": SPADE,
}
