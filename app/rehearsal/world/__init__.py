"""The generator of the rehearsal Atlas: probes, targets, networks and weather, and what probes report of them."""

from app.rehearsal.world.scenario import Scenario, ScenarioError, load_scenario, named_scenario
from app.rehearsal.world.world import RehearsedWorld, make_world

__all__ = ["RehearsedWorld", "Scenario", "ScenarioError", "load_scenario", "make_world", "named_scenario"]
