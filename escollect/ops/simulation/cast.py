"""Who takes part in a simulation: every choice is drawn from the seed, none from the clock."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from escollect.domain.events import Role
from escollect.ops.simulation.personas import PERSONAS

USUAL_MIX: Mapping[str, float] = {
    "good": 14,
    "slow": 1,
    "leaver": 1,
    "silent": 1,
    "spammer": 1,
    "tabs": 1,
    "sleeper": 1,
}


class MixInvalid(ValueError):
    """A mix of personas that cannot be read; the message says what to write."""


@dataclass(frozen=True, slots=True)
class Person:
    """One simulated person: the number of the pair they arrive with, their side and their persona."""

    seed: str
    pair: int
    role: Role
    persona: str

    @property
    def name(self) -> str:
        """What logs and errors call this person, such as `0003-seeker`."""
        return f"{self.pair:04d}-{self.role}"

    def stream(self, purpose: str) -> random.Random:
        """Random numbers of this person for one purpose, whatever the others do meanwhile."""
        return random.Random(f"{self.seed}/{self.name}/{purpose}")


def read_mix(text: str) -> dict[str, float]:
    """Read `name[:weight],…`. Raises MixInvalid."""
    mix: dict[str, float] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, weight = part.partition(":")
        if name not in PERSONAS:
            raise MixInvalid(f"There is no persona “{name}”. There are: {', '.join(PERSONAS)}.")
        try:
            mix[name] = mix.get(name, 0) + float(weight or 1)
        except ValueError:
            raise MixInvalid(f"The weight “{weight}” of {name} is no number; write {name}:2.") from None
    if not all(0 <= weight < 1e6 for weight in mix.values()) or not sum(mix.values()):
        raise MixInvalid("Name at least one persona, with weights from 0 up, such as good:8,leaver:2.")
    return mix


def cast(pairs: int, mix: Mapping[str, float], seed: str) -> list[Person]:
    """The people of a simulation in the order in which they arrive, two a pair.

    The mix is kept as exactly as whole pairs allow. One of the two, drawn, has the pair's persona; the
    other one is good. Whom they meet is for the waiting room to say.
    """
    rng = random.Random(f"{seed}/cast")
    people: list[Person] = []
    for number, persona in enumerate(_deal(pairs, mix, rng)):
        odd = rng.choice(list(Role))
        people += [Person(seed, number, role, persona if role is odd else "good") for role in Role]
    return people


def _deal(pairs: int, mix: Mapping[str, float], rng: random.Random) -> Sequence[str]:
    """One persona a pair, by largest remainder, in a drawn order."""
    total = sum(mix.values())
    shares = {name: pairs * weight / total for name, weight in mix.items()}
    dealt = {name: int(share) for name, share in shares.items()}
    names = sorted(shares, key=lambda name: shares[name] - dealt[name], reverse=True)
    for name in names[: pairs - sum(dealt.values())]:
        dealt[name] += 1
    personas = [name for name, count in dealt.items() for _ in range(count)]
    rng.shuffle(personas)
    return personas
