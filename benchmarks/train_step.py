"""Duration of one iteration of Algorithm 1 (five updates of D and S, one of G), compared with a plain reference.

    python benchmarks/train_step.py

The reference follows the algorithm line by line, see ``Plain``: upsampling before convolutions, separate passes of D
for real images and fakes, fakes with their graph. Each runs in its own process and waits while the other computes.
The paper's recipe is 128×128, width 64, batch 16. The goal is to be no slower than the reference.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from lightning_fabric import Fabric
from torch import Tensor, nn
from torch.profiler import ProfilerActivity, profile
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from scgan.config import Config, LogSettings
from scgan.data.items import ItemSplits
from scgan.data.prepared import PreparedDataset
from scgan.faces.landmarks import FACE_CLASSES, FACE_COLORS
from scgan.methods import load_method
from scgan.networks.discriminator import Discriminator
from scgan.networks.generator import StepByStepGenerator
from scgan.networks.layers import norm
from scgan.networks.segmentor import Segmentor
from scgan.recipes import paper, with_settings
from scgan.schema import Schema
from scgan.training.batches import Batches
from scgan.training.gradients import compute_gradients
from scgan.training.step_rng import StepRng
from scgan.training.trainer import Callback, Trainer
from scgan.utils import progress

REPEATS_OF_D_AND_S = 5
Turn = Callable[[], None]


class Stop(Exception):
    """End of a process."""


def settings(options: argparse.Namespace) -> Config:
    changed = {f"{network}.width": options.width for network in ("generator", "discriminator", "segmentor")}
    changed |= {"training.batch_size": options.batch, "training.precision": options.precision}
    return with_settings(paper(), changed)


def random_data(options: argparse.Namespace) -> PreparedDataset:
    random = np.random.default_rng(0)
    count, size = 4 * options.batch, options.size
    schema = Schema(size, FACE_CLASSES, FACE_COLORS, tuple("abcde"))
    return PreparedDataset(
        path=Path("random"),
        schema=schema,
        images=random.integers(0, 256, (count, size, size, 3), np.uint8),
        segmentations=random.integers(0, schema.class_count, (count, size, size), np.uint8),
        attributes=random.integers(0, 2, (count, schema.attribute_count)).astype(np.float32),
        landmarks=None,
        names=tuple(map(str, range(count))),
        splits=ItemSplits.of(("train",) * count),
        fingerprint="",
        source={},
    )


def ours(options: argparse.Namespace, turn: Turn) -> None:
    """Run the training loop itself: batches, updates, EMA, log."""
    config, dataset = settings(options), random_data(options)
    fabric = Fabric(accelerator=options.device, devices=1, precision=options.precision)
    fabric.launch()
    with fabric.init_module():
        method = load_method("scgan")(dataset.schema, config)
    batches = Batches(dataset, dataset.split("train"), options.batch, 0, flip=False)
    never = 10**9
    progress.console.quiet = True
    with tempfile.TemporaryDirectory() as folder:
        callback = Callback(REPEATS_OF_D_AND_S, lambda step, model: turn())
        log = LogSettings(scalars_every=never, checkpoint_every=never)
        trainer = Trainer(fabric, method, batches, Path(folder), log=log, ema_decay=0.0, callbacks=[callback])
        turn()
        trainer.run()


def plain(options: argparse.Namespace, turn: Turn) -> None:
    reference = Plain(options)
    while True:
        turn()
        reference.iteration()


class PlainUpBlock(nn.Module):
    """RESBLKUP of Figure 3."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.main = nn.Sequential(
            nn.Conv2d(in_channels, out_channels, 3, 1, 1, bias=False),
            norm(out_channels),
            nn.ReLU(inplace=True),
            nn.Upsample(scale_factor=2),
            nn.Conv2d(out_channels, out_channels, 3, 1, 1, bias=False),
            norm(out_channels),
        )
        self.shortcut = nn.Sequential(nn.Upsample(scale_factor=2), nn.Conv2d(in_channels, out_channels, 1, bias=False))

    def forward(self, features: Tensor, style: None) -> Tensor:
        return F.relu(self.main(features) + self.shortcut(features))


class Plain:
    """Algorithm 1, line by line."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.data = random_data(options)
        schema, width = self.data.schema, options.width
        self.generator = StepByStepGenerator(options.size, schema.class_count, schema.attribute_count, 512, width)
        self.generator.blocks = nn.ModuleList(
            PlainUpBlock(block.shortcut.in_channels, block.shortcut.out_channels) for block in self.generator.blocks
        )
        self.discriminator = Discriminator(options.size, schema.attribute_count, width)
        self.segmentor = Segmentor(schema.class_count, width)
        networks = [network.to(options.device) for network in (self.generator, self.discriminator, self.segmentor)]
        self.optimizers = [torch.optim.Adam(network.parameters(), lr=1e-4, betas=(0.5, 0.999)) for network in networks]

    def iteration(self) -> None:
        G, D, S = self.generator, self.discriminator, self.segmentor
        update_G, update_D, update_S = (self._make_update(optimizer) for optimizer in self.optimizers)
        m = self.options.batch
        for _ in range(REPEATS_OF_D_AND_S):
            z = torch.randn(m, 512, device=self.options.device)  # line 4
            x, c, s = self._sample()  # line 5
            epsilon = torch.rand(m, 1, 1, 1, device=self.options.device)  # line 6
            s_t = s[torch.randperm(m)]  # line 7
            with self._autocast():
                fake = G(one_hot(s_t), z, c)  # line 9
                between = (epsilon * x + (1 - epsilon) * fake.detach()).requires_grad_()  # line 10
                realness, logits = D(x)
                (gradient,) = torch.autograd.grad(D(between).realness.sum(), between, create_graph=True)
                penalty = ((gradient.square().sum((1, 2, 3)) + 1e-12).sqrt() - 1).square().mean()
                adversarial = D(fake.detach()).realness.mean() - realness.mean() + 10 * penalty  # lines 11 and 12
                classification = F.binary_cross_entropy_with_logits(logits, c, reduction="sum") / m  # line 13
            update_D(adversarial + 5 * classification)  # line 16
            with self._autocast():
                segmentation = F.cross_entropy(S(x), s)  # line 14
            update_S(segmentation)  # line 18
        with self._autocast():
            fake = G(one_hot(s_t), z, c)  # line 22
            realness, logits = D(fake)  # line 23
            classification = F.binary_cross_entropy_with_logits(logits, c, reduction="sum") / m  # line 24
            segmentation = F.cross_entropy(S(fake), s_t)  # line 25
        update_G(-realness.mean() + 5 * classification + segmentation)  # line 27

    def _make_update(self, optimizer: torch.optim.Optimizer) -> Callable[[Tensor], None]:
        def update(loss: Tensor) -> None:
            for each_optimizer in self.optimizers:
                each_optimizer.zero_grad()
            loss.backward()
            optimizer.step()

        return update

    def _sample(self) -> tuple[Tensor, Tensor, Tensor]:
        rows = np.random.default_rng().permutation(len(self.data))[: self.options.batch]
        x = torch.from_numpy(self.data.images[rows]).permute(0, 3, 1, 2) / 127.5 - 1
        c, s = torch.from_numpy(self.data.attributes[rows]), torch.from_numpy(self.data.segmentations[rows]).long()
        device = self.options.device
        return x.to(device), c.to(device), s.to(device)

    def _autocast(self) -> torch.autocast | nullcontext[None]:
        if self.options.precision == "bf16-mixed":
            return torch.autocast(self.options.device, torch.bfloat16)
        return nullcontext()


def one_hot(s: Tensor) -> Tensor:
    return F.one_hot(s, len(FACE_CLASSES)).permute(0, 3, 1, 2).float()


SIDES = {"ours": ours, "plain": plain}


def work(side: str, options: argparse.Namespace, connection: Connection) -> None:
    """Run one side in a process: send the peak memory in MiB before each iteration, and wait for the reply."""

    def turn() -> None:
        connection.send(peak_memory(options.device))
        if not connection.recv():
            raise Stop

    with suppress(Stop):
        SIDES[side](options, turn)


def peak_memory(device: str) -> float:
    """Wait for the device; return the peak memory in MiB: of the process, or of its tensors on the GPU."""
    if device == "cuda":
        torch.cuda.synchronize()
        return torch.cuda.max_memory_allocated() / 2**20
    in_kibibytes = 1024 if sys.platform == "darwin" else 1
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / in_kibibytes / 1024


class MultiplyAdds(TorchDispatchMode):
    """Counter of multiply-adds. PyTorch's FlopCounterMode fails at the inner gradient of the gradient penalty."""

    total = 0.0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
        kwargs = kwargs or {}
        result = function(*args, **kwargs)
        if function._overloadpacket in flop_registry:
            self.total += flop_registry[function._overloadpacket](*args, **kwargs, out_val=result) / 2
        return result


def multiply_adds(options: argparse.Namespace) -> dict[str, float]:
    """Count one iteration of each side, for one image: the work is proportional to the batch."""
    single = argparse.Namespace(**{**vars(options), "batch": 1, "precision": "32-true", "device": "cpu"})
    counts = {}
    for side, iteration in (("ours", lambda: our_iteration(single)), ("plain", Plain(single).iteration)):
        with MultiplyAdds() as counter:
            iteration()
        counts[side] = counter.total * options.batch
    return counts


def our_iteration(options: argparse.Namespace) -> None:
    """Run the updates of one iteration alone, for counting and profiling."""
    dataset = random_data(options)
    fabric = Fabric(accelerator=options.device, devices=1, precision=options.precision)
    fabric.launch()
    with fabric.init_module():
        method = load_method("scgan")(dataset.schema, settings(options))
    part, device = slice(0, options.batch), fabric.device
    batches = Batches(dataset, dataset.split("train"), options.batch, 0, flip=False)
    for step in range(1, REPEATS_OF_D_AND_S + 1):
        batch = batches.read(step, part, device, torch.float32)
        for update in method.stages()[0].updates:
            if step % update.every == 0:
                rng = StepRng(0, step, options.batch, part, device, torch.float32)
                compute_gradients(fabric, method, update, batch=batch, rng=rng, stage_step=step)


def multiply_add_rate(precision: str, device: str) -> float:
    """Measure the multiply-adds a second of the device: the best of eight products of square matrices."""
    dtype = torch.bfloat16 if precision == "bf16-mixed" else torch.float32
    size = 8192 if device == "cuda" else 2048
    a, b = torch.randn(2, size, size, device=device).to(dtype)
    seconds = []
    for _ in range(8):
        start = time.perf_counter()
        torch.mm(a, b)
        if device == "cuda":
            torch.cuda.synchronize()
        seconds.append(time.perf_counter() - start)
    return size**3 / min(seconds)


def show_profile(options: argparse.Namespace) -> None:
    our_iteration(options)
    activities = [ProfilerActivity.CPU] + [ProfilerActivity.CUDA] * (options.device == "cuda")
    with profile(activities=activities) as recorded:
        our_iteration(options)
    own_time = "self_device_time_total" if options.device == "cuda" else "self_cpu_time_total"
    events = sorted(recorded.key_averages(), key=lambda event: -getattr(event, own_time))
    total = sum(getattr(event, own_time) for event in events)
    print("time of our iteration by operator:")
    for event in events[:12]:
        print(f"  {getattr(event, own_time) / total:6.1%}  {event.key} ({event.count} calls)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--precision", choices=["32-true", "bf16-mixed"], default="32-true")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--repeats", type=int, default=3, help="iterations of each side, after one to warm up")
    parser.add_argument("--profile", action="store_true", help="also show where the time goes")
    options = parser.parse_args()

    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # a waiting process must not spin
    context = get_context("spawn")
    connections: dict[str, Connection] = {}
    for side in SIDES:
        connections[side], child_connection = context.Pipe()
        context.Process(target=work, args=(side, options, child_connection), daemon=True).start()
        connections[side].recv()  # ready
    work_of = multiply_adds(options)  # after the start: a process counts the memory of its parent as its own
    rates = [multiply_add_rate(options.precision, options.device)]
    seconds: dict[str, list[float]] = {side: [] for side in SIDES}
    peak = dict.fromkeys(SIDES, 0.0)
    for repeat in range(options.repeats + 1):
        for side, connection in connections.items():
            start = time.perf_counter()
            connection.send(True)
            peak[side] = connection.recv()
            if repeat:
                seconds[side].append(time.perf_counter() - start)
        rates.append(multiply_add_rate(options.precision, options.device))
        if repeat:
            print(", ".join(f"{side} {values[-1]:.2f} s" for side, values in seconds.items()), flush=True)
    for connection in connections.values():
        connection.send(False)

    rate = max(rates)
    print(
        f"{options.size}×{options.size}, width {options.width}, batch {options.batch}, {options.precision}, "
        f"{options.device}, {torch.get_num_threads()} threads; "
        f"matrix products at {rate / 1e9:.1f} G multiply-adds a second"
    )
    for side, values in seconds.items():
        median = statistics.median(values)
        print(
            f"{side:>6}: {median:.2f} s an iteration, {REPEATS_OF_D_AND_S * options.batch / median:.2f} images/s, "
            f"{work_of[side] / 1e9:.2f} G multiply-adds, {work_of[side] / median / rate:.0%} of the rate of matrix "
            f"products, peak memory {peak[side]:.0f} MiB"
        )
    ratio = statistics.median(p / o for o, p in zip(seconds["ours"], seconds["plain"], strict=True))
    print(f"ratio plain / ours {ratio:.2f} (goal: at least 1)")
    if options.profile:
        show_profile(options)


if __name__ == "__main__":
    main()
