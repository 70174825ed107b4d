"""What stops a service before it starts."""

import socket

import pytest

from serving.errors import ServiceRefused
from serving.starting import start
from tests.served import make_home, reading_of


@pytest.mark.parametrize(("host", "family"), [("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6)])
def test_a_taken_port_is_one_clear_line(tmp_path, host, family):
    home = make_home(tmp_path / "home", reading_of(num_pupils=200))
    with socket.socket(family) as other:
        other.bind((host, 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ServiceRefused) as refused:
            start(home, host, port)
    (line,) = refused.value.breaches
    assert f"Port {port} of {host} cannot be had" in line and "--port" in line
