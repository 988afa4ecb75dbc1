"""Where the crawler may connect to: public addresses, and what the user has freed."""

import pytest

from indexer.sources.web.destinations import Destinations
from search.errors import AddressRefused, HostUnknown, PrivateAddress, SourceError

PUBLIC = "93.184.215.14"


def check(url: str, *found: str, allowed: tuple[str, ...] = ()) -> tuple[str, ...]:
    return Destinations(allowed, lambda _host, _port: found).check(url, url).addresses


@pytest.mark.parametrize(
    "address",
    """127.0.0.1 10.1.2.3 172.16.0.1 192.168.1.1 100.64.0.1 0.0.0.0 169.254.169.254 224.0.0.1
    240.0.0.1 255.255.255.255 192.0.2.1 198.18.0.1 :: ::1 ::7f00:1 fe80::1 fe80::1%eth0 fc00::1
    fec0::1 ff02::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 64:ff9b::a00:1 64:ff9b:1::a00:1
    2002:7f00:1:: 2002:a00:1:: 2001:0:1::1 2001:db8::1 rubbish""".split(),
)
def test_what_is_not_public_is_refused(address):
    with pytest.raises(PrivateAddress):
        check("https://klaster.example/", address)
    # However many good ones stand beside it.
    with pytest.raises(PrivateAddress):
        check("https://klaster.example/", PUBLIC, address)


@pytest.mark.parametrize(
    "address", [PUBLIC, "2606:2800:21f:cb07::1", "::ffff:93.184.215.14", "64:ff9b::5db8:d70e"]
)
def test_what_is_public_is_connected_to(address):
    assert check("https://klaster.example/", address) == (address,)


@pytest.mark.parametrize(
    ("allowed", "url", "address", "is_free"),
    [
        ("127.0.0.1:8080", "http://127.0.0.1:8080/", "127.0.0.1", True),
        ("127.0.0.1:8080", "http://127.0.0.1:8081/", "127.0.0.1", False),
        ("127.0.0.1:8080", "http://127.0.0.2:8080/", "127.0.0.2", False),
        ("127.0.0.1", "http://127.0.0.1:9/", "127.0.0.1", True),
        ("siseveeb:80", "http://SISEVEEB/", "10.0.0.1", True),
        ("[::1]:8080", "http://[::1]:8080/", "::1", True),
        ("[::1]", "http://[::1]:8080/", "::1", True),
        ("169.254.169.254", "http://169.254.169.254/", "169.254.169.254", False),
        ("pilv", "http://pilv/", "::ffff:169.254.169.254", False),
        ("pilv", "http://pilv/", "64:ff9b::a9fe:a9fe", False),
        ("pilv", "http://pilv/", "fe80::1", False),
    ],
)
def test_only_the_host_and_port_that_are_allowed_may_be_private(allowed, url, address, is_free):
    if is_free:
        assert check(url, address, allowed=(allowed,)) == (address,)
    else:
        with pytest.raises(PrivateAddress):
            check(url, address, allowed=(allowed,))


@pytest.mark.parametrize(
    "url",
    [
        "ftp://klaster.example/",
        "file:///etc/passwd",
        "https://kasutaja:sala@klaster.example/",
        "https://klaster.example\\@127.0.0.1/",
        "https://klas ter.example/",
        "https:///tee",
        "https://klaster.example:70000/",
        "https://klaster.example:0/",
        "https://[::1/",
        "https://klaster.example/" + "a" * 5000,
    ],
)
def test_what_is_no_address_is_refused(url):
    with pytest.raises(AddressRefused):
        check(url, PUBLIC)


def test_odd_ways_to_write_an_address_are_resolved_before_they_are_checked():
    for host in ("2130706433", "0x7f000001", "127.1", "localhost"):
        with pytest.raises((PrivateAddress, HostUnknown)):
            Destinations().check(f"http://{host}/", "x")


def test_an_unknown_host_is_said():
    with pytest.raises(HostUnknown) as told:
        check("https://klaster.example/")
    assert "klaster.example" in str(told.value)


def test_path_and_query_go_out_in_ascii():
    found = Destinations((), lambda _host, _port: [PUBLIC]).check(
        "https://Põhja.example/ühis tehas?otsi=õ&b=%C3%B5", "x"
    )
    assert found.host == "xn--phja-0qa.example"
    assert found.target == "/%C3%BChis%20tehas?otsi=%C3%B5&b=%C3%B5"
    assert issubclass(PrivateAddress, SourceError)
