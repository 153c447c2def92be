"""A running simulator starts again with another scenario."""

import pytest

from remediator.simulator.process import SimulatorError, SimulatorProcess

from .client import BACKUP, RESOURCES, Client


def test_another_scenario_in_the_same_process() -> None:
    with SimulatorProcess("limit-reached") as cloud:
        client = Client(cloud)
        url, old = cloud.url, cloud.token
        cloud.fault("error", times=None)
        assert client.get(client.scope, RESOURCES).status == 500
        assert cloud.state()["locks"]
        cloud.reload("vm-gone")
        assert (cloud.url, cloud.requests()) == (url, [])
        assert client.call("GET", client.scope, RESOURCES, token=old).status == 401
        assert client.get(client.scope, RESOURCES).status == 200
        assert cloud.state()["vms"] == []
        assert client.back_up()["status"] == "Failed"
        with pytest.raises(SimulatorError, match="no scenario"):
            cloud.reload("nothing")
        assert cloud.state()["vms"] == []
        cloud.reload("healthy")
        assert client.back_up()["status"] == "Completed"
        assert client.get(client.item(), BACKUP).status == 200
