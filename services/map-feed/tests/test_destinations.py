"""Webhooks go to the internet, and nowhere inside the network: with real servers and a real resolver that trick."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from ipaddress import ip_address, ip_network

import dns.asyncresolver
import dns.message
import dns.rrset
import pytest

from map_feed.domain.destinations import Destinations, NoDestination, Target, target_of
from map_feed.webhooks.sender import Resolver, Sender

INSIDE = [
    *("127.0.0.1", "127.8.9.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1"),
    *("169.254.169.254", "169.254.170.2", "100.64.0.1", "100.100.100.200", "192.0.0.192", "168.63.129.16"),
    *("198.18.0.1", "192.0.2.1", "198.51.100.7", "203.0.113.9", "192.88.99.1", "224.0.0.1", "239.255.255.250"),
    *("240.0.0.1", "255.255.255.255"),
    *("::", "::1", "::127.0.0.1", "fe80::1", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "100::1", "5f00::1"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:0:127.0.0.1"),
    *("64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1"),
    *("2002:7f00:1::1", "2001:0:53aa:64c::1", "2001:db8::1", "2001:10::1", "3fff::1"),
]
OUTSIDE = ["1.1.1.1", "8.8.8.8", "172.32.0.1", "192.169.0.1", "100.128.0.1", "2606:4700::1", "2a01:e0a::1"]
OUTSIDE += ["::ffff:1.1.1.1", "64:ff9b::101:101"]
HTTPS = Target("https", "partenaire.example", 443)


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_that_is_not_of_the_internet_is_refused(address):
    with pytest.raises(NoDestination, match=r"partenaire\.example leads to"):
        Destinations().check(HTTPS, [ip_address(address)])


@pytest.mark.parametrize("address", OUTSIDE)
def test_an_address_of_the_internet_may_be_called(address):
    Destinations().check(HTTPS, [ip_address(address)])


def test_one_address_inside_is_enough_to_refuse_a_name():
    with pytest.raises(NoDestination, match=r"10\.0\.0\.1, which is a private network"):
        Destinations().check(HTTPS, [ip_address("1.1.1.1"), ip_address("10.0.0.1")])


def test_a_network_of_ones_own_is_never_called_and_one_that_is_allowed_is():
    told = Destinations(inside=[ip_network("10.1.0.0/16")], never=[ip_network("1.1.1.0/24")])
    told.check(Target("http", "recette.example", 8080), [ip_address("10.1.2.3")])
    for address in ("1.1.1.1", "10.2.0.1"):
        with pytest.raises(NoDestination):
            told.check(HTTPS, [ip_address(address)])


@pytest.mark.parametrize(
    ("target", "said"),
    [
        (Target("http", "partenaire.example", 80), "begins with https://"),
        (Target("https", "partenaire.example", 22), "port 22 is not one"),
        (Target("https", "partenaire.example", 5432), "443 or 8443"),
    ],
)
def test_what_is_sent_to_the_internet_goes_by_tls_and_to_its_ports(target, said):
    with pytest.raises(NoDestination, match=said):
        Destinations().check(target, [ip_address("1.1.1.1")])


@pytest.mark.parametrize(
    "url",
    [
        *("ftp://partenaire.example", "//partenaire.example", "partenaire.example", "https://", "https:///x"),
        *("https://user:secret@partenaire.example", "https://partenaire.example/#x", "https://usiné.example"),
        *("https://partenaire.example/a b", "https://partenaire.example:99999", "https://[::1", "file:///etc/passwd"),
        *(
            "https://partenaire.example\\@127.0.0.1/",
            "https://partenaire.example/\r\nX: y",
            f"https://p.example/{'x' * 2000}",
        ),
    ],
)
def test_what_is_no_plain_address_is_refused_before_anything_is_looked_up(url):
    with pytest.raises(NoDestination):
        target_of(url)


# --- with servers ------------------------------------------------------------------------------------


@asynccontextmanager
async def listening(answer=b"HTTP/1.1 204 No Content\r\n\r\n", host="127.0.0.1", port=0):
    """A server that answers each request with these bytes; and what it was sent."""
    heard = []

    async def serve(reader, writer):
        heard.append(await reader.read(4000))
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, host, port)
    try:
        yield server.sockets[0].getsockname()[1], heard
    finally:
        server.close()


@asynccontextmanager
async def name_server(*answers):
    """A name server that gives one answer after another, and the last one for ever; how it is asked, and how often."""
    asked = []

    class Server(asyncio.DatagramProtocol):
        def connection_made(self, transport):
            self.transport = transport

        def datagram_received(self, data, sender):
            question = dns.message.from_wire(data)
            name, kind = question.question[0].name, question.question[0].rdtype
            reply = dns.message.make_response(question)
            if kind == dns.rdatatype.A:
                asked.append(name.to_text())
                addresses = answers[min(len(asked), len(answers)) - 1]
                reply.answer.append(dns.rrset.from_text(name, 0, "IN", "A", *addresses))
            self.transport.sendto(reply.to_wire(), sender)

    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(Server, local_addr=("127.0.0.1", 0))
    resolver = dns.asyncresolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = ["127.0.0.1"], transport.get_extra_info("sockname")[1]

    async def resolve(host, port):
        return [ip_address(one.address) for one in await resolver.resolve(host, "A")]

    try:
        yield resolve, asked
    finally:
        transport.close()


def sender(resolve=None, *, inside=()):
    return Sender(Destinations(inside=[ip_network(network) for network in inside]), resolve=resolve)


async def post(sender, url):
    async with sender.to(url) as line:
        return await line.post({}, b"{}")


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "localhost", "localhost.", "2130706433", "0x7f000001", "0x7f.1", "017700000001", "127.1", "0"),
        *("[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:0:0:1]"),
    ],
)
async def test_a_host_that_is_this_machine_however_it_is_written_is_not_connected_to(host):
    async with listening() as (port, heard):
        with pytest.raises((NoDestination, OSError)):  # there are resolvers that know some of them for no name
            await post(sender(), f"http://{host}:{port}/")
    assert heard == []


async def test_a_name_that_leads_elsewhere_once_it_was_checked_leads_nowhere_new():
    async with (
        listening(host="127.0.0.2") as (port, allowed),
        listening(port=port) as (_, inside),
        name_server(["127.0.0.2"], ["127.0.0.1"]) as (resolve, asked),
    ):
        answer = await post(sender(resolve, inside=["127.0.0.2/32"]), f"http://partenaire.example:{port}/")
        assert (answer.status, len(asked)) == (204, 1)  # looked up once, and connected to what was checked
        with pytest.raises(NoDestination, match=r"127\.0\.0\.1"):
            await post(sender(resolve, inside=["127.0.0.2/32"]), f"http://partenaire.example:{port}/")
    assert len(allowed) == 1
    assert b"Host: partenaire.example:" in allowed[0]
    assert inside == []


async def test_a_name_with_one_address_inside_is_not_connected_to_at_the_other_either():
    both = ["127.0.0.2", "127.0.0.1"]
    async with listening(host="127.0.0.2") as (port, heard), name_server(both) as (resolve, _):
        with pytest.raises(NoDestination):
            await post(sender(resolve, inside=["127.0.0.2/32"]), f"http://partenaire.example:{port}/")
    assert heard == []


@pytest.mark.parametrize("status", [b"301 Moved", b"302 Found", b"307 Temporary Redirect", b"308 Permanent Redirect"])
async def test_a_redirect_is_not_followed(status):
    async with listening() as (inside, heard):
        there = f"Location: http://127.0.0.1:{inside}/\r\n".encode()
        async with listening(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n" + there + b"\r\n", "127.0.0.2") as (
            port,
            _,
        ):
            answer = await post(sender(inside=["127.0.0.2/32"]), f"http://127.0.0.2:{port}/")
    assert answer.status == int(status[:3])
    assert not answer.is_taken
    assert heard == []


async def test_a_proxy_of_the_environment_is_not_asked(monkeypatch):
    async with listening() as (proxy, heard), listening(host="127.0.0.2") as (port, reached):
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy}")
        await post(sender(inside=["127.0.0.0/8"]), f"http://127.0.0.2:{port}/")
    assert (heard, len(reached)) == ([], 1)


async def test_of_a_long_answer_only_the_beginning_is_read():
    long = b"HTTP/1.1 200 OK\r\nContent-Length: 900000000\r\n\r\n" + b"x" * 200_000
    async with listening(long, "127.0.0.2") as (port, _):
        answer = await post(sender(inside=["127.0.0.0/8"]), f"http://127.0.0.2:{port}/")
    assert (answer.status, len(answer.words)) == (200, 200)


@pytest.mark.parametrize(
    "nonsense", [b"", b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 " + b"9" * 300_000]
)
async def test_what_is_no_answer_is_none(nonsense):
    async with listening(nonsense, "127.0.0.2") as (port, _):
        with pytest.raises(OSError, match="no answer"):
            await post(sender(inside=["127.0.0.0/8"]), f"http://127.0.0.2:{port}/")


async def test_who_does_not_answer_is_waited_for_so_long_and_no_longer(monkeypatch):
    monkeypatch.setattr("map_feed.webhooks.sender.SECONDS", 0.2)

    async def mute(reader, _):
        await reader.read(-1)

    server = await asyncio.start_server(mute, "127.0.0.2", 0)
    with pytest.raises(OSError, match="no answer within"):
        await post(sender(inside=["127.0.0.0/8"]), f"http://127.0.0.2:{server.sockets[0].getsockname()[1]}/")
    server.close()


async def test_the_system_is_asked_for_a_name_as_it_is():
    assert ip_address("127.0.0.1") in await Resolver()("localhost", 443)
    with pytest.raises(OSError):  # noqa: PT011
        await Resolver()("nulle-part.invalid", 443)
