"""Training loop, with a method that is no GAN."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from scgan.config import LogSettings, OptimizerSettings
from scgan.data.prepared import PreparedDataset
from scgan.methods import load_method
from scgan.recipes import cpu, with_settings
from scgan.training.batches import Batch, Batches
from scgan.training.step_rng import StepRng
from scgan.training.trainer import Callback, Trainer
from scgan.training.update import Stage, Stateful, Terms, Update
from scgan.utils.errors import RunError


class Number(nn.Module):
    """Network with one parameter."""

    def __init__(self, value: float) -> None:
        super().__init__()
        self.value = nn.Parameter(torch.tensor([value]))


class Tally:
    """Extra state that counts."""

    count = 0

    def state_dict(self) -> dict[str, Any]:
        return {"count": self.count}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.count = state["count"]


class TwoNumbers:
    """First stage: a approaches 1. Second: a approaches b and, every three steps, b approaches 10."""

    def __init__(self) -> None:
        self.a, self.b = Number(0.0), Number(5.0)
        self.networks: dict[str, nn.Module] = {"a": self.a, "b": self.b}
        self.tally = Tally()
        self.extra_state: dict[str, Stateful] = {"tally": self.tally}
        self.calls: list[tuple[str, int, bool, bool]] = []

    @property
    def model(self) -> nn.Module:
        return self.a

    def stages(self) -> list[Stage]:
        adam = OptimizerSettings(learning_rate=0.1)
        alone = Update("a", [self.a], lambda batch, rng, step: self.loss("alone", step, self.a.value - 1), adam)
        a = Update("a", [self.a], lambda batch, rng, step: self.loss("a", step, self.a.value - self.b.value), adam)
        b = Update("b", [self.b], lambda batch, rng, step: self.loss("b", step, self.b.value - 10), adam, every=3)
        return [Stage("alone", 2, [alone], counts_images=False), Stage("both", 6, [a, b])]

    def loss(self, name: str, step: int, distance: Tensor) -> Terms:
        self.tally.count += 1
        self.calls.append((name, step, self.a.value.requires_grad, self.b.value.requires_grad))
        return {"distance": distance.square().sum()}


def trainer(
    method: Any,
    data: Path,
    folder: Path,
    *callbacks: Callback,
    ema_decay: float = 0.0,
    max_minutes: float = 0.0,
    **log: int,
) -> Trainer:
    dataset = PreparedDataset.open(data)
    folder.mkdir(exist_ok=True)
    settings = LogSettings(**{"scalars_every": 1, "checkpoint_every": 3, "keep_checkpoints": 2, **log})
    batches = Batches(dataset, dataset.split("train"), 4, 0, flip=False)
    fabric = Fabric(accelerator="cpu", devices=1)
    fabric.launch()
    return Trainer(
        fabric,
        method,
        batches,
        folder,
        log=settings,
        ema_decay=ema_decay,
        callbacks=callbacks,
        max_minutes=max_minutes,
    )


def test_updates_run_in_order_and_once_in_their_steps(toy_data: Path, tmp_path: Path) -> None:
    method = TwoNumbers()
    loop = trainer(method, toy_data, tmp_path)
    assert loop.run()
    assert [(name, step) for name, step, *_ in method.calls] == [
        *(("alone", 1), ("alone", 2)),
        *(("a", 1), ("a", 2), ("a", 3), ("b", 3), ("a", 4), ("a", 5), ("a", 6), ("b", 6)),
    ]
    for name, _, a_moves, b_moves in method.calls:
        assert (a_moves, b_moves) == ((False, True) if name == "b" else (True, False))
    assert method.a.value.requires_grad and method.b.value.requires_grad  # all are trainable again
    assert loop.step == 8
    assert loop.images_seen == 6 * 4


@pytest.mark.parametrize("every", [2, 100])
def test_a_folder_that_is_removed_is_not_made_again(every: int, toy_data: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"

    class Removed(TwoNumbers):
        def loss(self, name: str, step: int, distance: Tensor) -> Terms:
            if step == 4:
                run.rename(tmp_path / "elsewhere")
            return super().loss(name, step, distance)

    callback = Callback(every, lambda step, network: run.mkdir(exist_ok=True))
    with pytest.raises(RunError, match="run was removed or renamed during the training: resume a renamed run by"):
        trainer(Removed(), toy_data, run, callback, checkpoint_every=every).run()
    assert not run.exists()


def test_adam_moves_by_its_learning_rate(toy_data: Path, tmp_path: Path) -> None:
    """Adam's step is the learning rate while the gradient stays the same; each stage has new optimizers."""
    method = TwoNumbers()
    trainer(method, toy_data, tmp_path).run()
    assert method.b.value.item() == pytest.approx(5.2, abs=1e-3)  # two updates of 0.1
    assert method.a.value.item() == pytest.approx(0.8, abs=1e-2)  # eight


def test_the_first_step_of_adam_is_the_learning_rate(toy_data: Path, tmp_path: Path) -> None:
    method = TwoNumbers()
    loop = trainer(method, toy_data, tmp_path)
    loop.run()
    assert [group["lr"] for optimizer in loop.optimizers for group in optimizer.param_groups] == [0.1, 0.1]
    assert loop.optimizers[1].param_groups[0]["betas"] == (0.5, 0.999)


def test_callbacks_get_the_ema_in_time_and_at_the_end(toy_data: Path, tmp_path: Path) -> None:
    seen: list[tuple[int, float]] = []
    method = TwoNumbers()

    def record(step: int, network: nn.Module) -> None:
        assert isinstance(network, Number)
        seen.append((step, network.value.item()))

    trainer(method, toy_data, tmp_path, Callback(3, record), ema_decay=0.0).run()
    assert [step for step, _ in seen] == [3, 6, 8]
    assert seen[-1][1] == method.a.value.item()  # with no decay the EMA is the network


def test_the_end_is_written_once(toy_data: Path, tmp_path: Path) -> None:
    last = tmp_path / "checkpoints" / "00000008" / "state.pt"
    times: list[tuple[int, int | None]] = []

    def record(step: int, network: nn.Module) -> None:
        times.append((step, last.stat().st_mtime_ns if last.exists() else None))

    trainer(TwoNumbers(), toy_data, tmp_path, Callback(4, record), checkpoint_every=2, keep_checkpoints=9).run()
    assert times == [(4, None), (8, last.stat().st_mtime_ns)]
    assert [int(path.name) for path in sorted((tmp_path / "checkpoints").iterdir())] == [2, 4, 6, 8]


def test_every_update_is_logged_in_later_stages(toy_data: Path, tmp_path: Path) -> None:
    """The first stage has 2 steps, and b is updated every 3 steps: at the steps 5 and 8 of all."""
    trainer(TwoNumbers(), toy_data, tmp_path, scalars_every=3).run()
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [5, 8]
    assert all({"a/distance", "b/distance"} <= line.keys() for line in lines)


def test_extra_state_and_everything_else_come_back(toy_data: Path, tmp_path: Path) -> None:
    before = TwoNumbers()
    trainer(before, toy_data, tmp_path).run()
    after = TwoNumbers()
    loop = trainer(after, toy_data, tmp_path)
    loop.resume()
    assert after.tally.count == before.tally.count == 10
    assert after.a.value.item() == before.a.value.item()
    assert loop.ema.module.value.item() == before.a.value.item()
    assert (loop.step, loop.stage_index, loop.stage_step) == (8, 1, 6)


def test_a_step_that_ends_after_the_limit_leaves_no_negative_time(
    toy_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def wait(step: int, model: torch.nn.Module) -> None:
        loop.seconds = 150.0

    loop = trainer(TwoNumbers(), toy_data, tmp_path, Callback(1, wait), max_minutes=2)
    assert loop.run()
    assert "train (seconds): 120/120, 0:00 left" in capsys.readouterr().err
    loop = trainer(TwoNumbers(), toy_data, tmp_path, max_minutes=2)
    loop.seconds = 119.99999  # one step is longer than the rest
    assert loop.run() and loop.step == 1
    loop = trainer(TwoNumbers(), toy_data, tmp_path, max_minutes=2)
    loop.resume()
    assert loop.run() and loop.step == 1  # the time of all sessions counts
    loop = trainer(TwoNumbers(), toy_data, tmp_path, max_minutes=4)
    loop.resume()
    assert loop.run() and loop.step == 6


def test_the_last_stage_gets_three_quarters_of_the_time(toy_data: Path, tmp_path: Path) -> None:
    method = TwoNumbers()
    loop = trainer(method, toy_data, tmp_path, max_minutes=2)
    loop.seconds = 29.99999  # a quarter of two minutes is over after one step
    assert loop.run()
    assert [name for name, *_ in method.calls[:3]] == ["alone", "a", "a"]
    assert (loop.step, loop.images_seen) == (7, 24)
    resumed = trainer(TwoNumbers(), toy_data, tmp_path, max_minutes=2)
    assert resumed.resume()
    assert (resumed.step, resumed.images_seen, resumed.stage_index) == (7, 24, 1)


def test_only_the_newest_checkpoints_are_kept(toy_data: Path, tmp_path: Path) -> None:
    trainer(TwoNumbers(), toy_data, tmp_path, checkpoint_every=1, keep_checkpoints=3).run()
    assert sorted(path.name for path in (tmp_path / "checkpoints").iterdir()) == ["00000006", "00000007", "00000008"]


class Breaking(TwoNumbers):
    """From the fourth step on, a term is NaN, or (``hidden``) only its gradient."""

    def __init__(self, hidden: bool) -> None:
        super().__init__()
        self.hidden = hidden

    def loss(self, name: str, step: int, distance: Tensor) -> Terms:
        terms = super().loss(name, step, distance)
        if name == "a" and step == 2:
            broken = (distance * 0).square().sum().sqrt()  # 0, with the gradient 0 · ∞
            terms["broken"] = broken if self.hidden else broken / 0
        return terms


@pytest.mark.parametrize(
    ("hidden", "message"),
    [
        (False, r"the term 'broken' of the a's loss became nan at step 4; --resume goes back to the last checkpoint"),
        (True, r"the a's weights became infinite or NaN by step 4; --resume goes back to the last checkpoint"),
    ],
)
def test_checkpoints_hold_finite_weights_only(toy_data: Path, tmp_path: Path, hidden: bool, message: str) -> None:
    with pytest.raises(RunError, match=message):
        trainer(Breaking(hidden), toy_data, tmp_path, checkpoint_every=2).run()
    assert [path.name for path in (tmp_path / "checkpoints").iterdir()] == ["00000002"]


def test_terms_that_are_read_late_stop_the_run_before_anything_is_written(toy_data: Path, tmp_path: Path) -> None:
    written: list[int] = []
    for name, settings, callbacks in (
        ("log", {"checkpoint_every": 100}, []),
        ("checkpoint", {"scalars_every": 100, "checkpoint_every": 4}, []),
        (
            "callback",
            {"scalars_every": 100, "checkpoint_every": 100},
            [Callback(4, lambda step, model: written.append(step))],
        ),
        ("end", {"scalars_every": 100, "checkpoint_every": 100}, []),
    ):
        loop = trainer(Breaking(False), toy_data, tmp_path / name, *callbacks, **settings)
        loop.finite.at_once = False  # as on a GPU
        with pytest.raises(RunError, match=r"the term 'broken' of the a's loss became nan at step 4"):
            loop.run()
        assert not list((tmp_path / name).glob("checkpoints/*"))
    assert not written


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_step_does_not_wait_for_the_gpu(toy_data: Path, tmp_path: Path) -> None:
    dataset = PreparedDataset.open(toy_data)
    fabric = Fabric(accelerator="cuda", devices=1, precision="32-true")
    fabric.launch()
    torch.cuda.set_device(fabric.device)
    config = with_settings(cpu(), {"generator.width": 8, "discriminator.width": 8, "segmentor.width": 8})
    with fabric.init_module():
        method = load_method("scgan")(dataset.schema, config)
    batches = Batches(dataset, dataset.split("train"), 4, seed=0, flip=True)
    log = LogSettings(scalars_every=10**6, checkpoint_every=10**6)
    switch = Callback(3, lambda step, model: torch.cuda.set_sync_debug_mode("error" if step == 3 else "default"))
    stop = Callback(9, lambda step, model: torch.cuda.set_sync_debug_mode("default"))
    loop = Trainer(fabric, method, batches, tmp_path, log=log, ema_decay=0.9, callbacks=[stop, switch])
    try:
        loop.run()
    finally:
        torch.cuda.set_sync_debug_mode("default")


def test_losses_get_batch_and_random_numbers_of_the_step(toy_data: Path, tmp_path: Path) -> None:
    class Recording(TwoNumbers):
        def stages(self) -> list[Stage]:
            update = Update("a", [self.a], self.record, OptimizerSettings())
            return [Stage("one", 2, [update]), Stage("two", 2, [update])]

        def record(self, batch: Batch, rng: StepRng, step: int) -> Terms:
            seen.append((batch.image.sum().item(), rng.normal("z", 3).sum().item(), rng.step, step))
            return {"none": self.a.value.sum() * 0}

    seen: list[tuple[float, float, int, int]] = []
    loop = trainer(Recording(), toy_data, tmp_path)
    loop.run()
    assert [(step, stage_step) for *_, step, stage_step in seen] == [(1, 1), (2, 2), (3, 1), (4, 2)]
    for images, numbers, step, _ in seen:
        batch = loop.batches.read(step, slice(0, 4), torch.device("cpu"), torch.float32)
        assert images == batch.image.sum().item()
        assert (
            numbers == StepRng(0, step, 4, slice(0, 4), torch.device("cpu"), torch.float32).normal("z", 3).sum().item()
        )
