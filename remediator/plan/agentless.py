"""The plan for an agent's error when the policy takes its points without the agent.

Source: "About agentless multi-disk crash-consistent backup for Azure VMs".
"""

from shlex import quote
from typing import Final

from remediator.change.step import Manual
from remediator.facts import Consistency, Facts, Known, Policy
from remediator.playbook.playbook import Playbook

_OUTSIDE_THE_VM: Final = frozenset(
    {
        "back-up-now",
        "put-locks-back",
        "remove-locks",
        "resume-protection",
        "wait-for-job",
        "wait-hours",
    }
)
"""The actions that make sense without an agent. The others repair the agent, its extension or the
guest."""


def policy_without_agent(playbook: Playbook, facts: Facts) -> Known[Policy] | None:
    """The policy that makes repairs of the agent meaningless. None when none is known to."""
    match facts.policy:
        case Known(value=policy) if playbook.of_agent and policy.consistency is Consistency.CRASH:
            return facts.policy
        case _:
            return None


def outside_the_vm(playbook: Playbook) -> Playbook:
    """The playbook with only the rungs that touch nothing in the VM."""
    ladder = (r for r in playbook.ladder if {step.action for step in r.steps} <= _OUTSIDE_THE_VM)
    return playbook.model_copy(update={"ladder": tuple(ladder)})


def without_agent(policy: Known[Policy], facts: Facts) -> Manual:
    """Why neither the agent, nor its extension, nor the guest is repaired."""
    name = policy.value.id.rsplit("/", 1)[-1]
    because = (
        f"policy {name} takes only crash-consistent points, and for these no agent, no extension "
        f"and no guest script is needed, so none of them is repaired ({policy.source})"
    )
    changed = (
        f"a backup by this policy does not fail with {facts.failure.code}: the policy may have "
        "changed since the job; back up once, and look at the next failure if there is one"
    )
    return Manual(
        action="none",
        target=facts.job.vm_id or facts.job.id,
        why=(because, changed),
        commands=(f"remediate check --vm {quote(facts.job.vm_id or facts.job.vm_name)}",),
    )
