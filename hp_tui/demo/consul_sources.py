"""Where a Consul executable can be obtained from: HashiCorp's release archive, or Debian's package through apt."""

from __future__ import annotations

import hashlib
import platform
import shutil
import subprocess
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Report = Callable[[str], None]
"""Takes a line of progress for the user."""

RELEASE_VERSION = "1.21.5"
RELEASES = "https://releases.hashicorp.com/consul"
DEBIAN_VERSION = "1.8.7+dfsg1-2+b3"
DEBIAN_SHA256 = "e4e888bba104daba1d9161f49bfc52649a7e4efd45b1a7ead5bc54f2cb9c89d9"
DEBIAN_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
CONNECT_TIMEOUT = 5.0
"""Seconds; one try: where the archive cannot be reached, the next source should not have to wait."""


@dataclass(frozen=True, slots=True)
class Source:
    """A way to obtain Consul. ``fetch(scratch directory, report)`` returns the executable inside the directory.

    ``fetch`` raises ``OSError``, ``ValueError`` or ``subprocess.SubprocessError`` with a reason in a few words.
    """

    name: str
    fetch: Callable[[Path, Report], Path]


def from_release(scratch: Path, report: Report) -> Path:
    """Download HashiCorp's archive for this platform and check it against the published SHA-256 sums."""
    name = f"consul_{RELEASE_VERSION}_{_platform()}.zip"
    sums = _download(f"{RELEASES}/{RELEASE_VERSION}/consul_{RELEASE_VERSION}_SHA256SUMS").decode("ascii", "replace")
    expected = next((line.split()[0] for line in sums.splitlines() if line.split()[1:] == [name]), "")
    if not expected:
        raise ValueError(f"the published sums have no {name}")
    report(f"  downloading {name}")
    archive = scratch / name
    archive.write_bytes(_download(f"{RELEASES}/{RELEASE_VERSION}/{name}"))
    check_sum(archive, expected)
    with zipfile.ZipFile(archive) as opened:
        opened.extract("consul", scratch)
    (scratch / "consul").chmod(0o755)
    return scratch / "consul"


def from_debian(scratch: Path, report: Report) -> Path:
    """Fetch Debian's Consul 1.8.7 without root, through the mirror that this machine's apt is configured with."""
    missing = [tool for tool in ("apt-get", "dpkg-deb") if shutil.which(tool) is None]
    if missing:
        raise ValueError(f"{' and '.join(missing)} not here")
    if platform.machine() not in {"x86_64", "AMD64"}:
        raise ValueError(f"the package is for amd64, this is {platform.machine()}")
    if not DEBIAN_KEYRING.exists():
        raise ValueError(f"{DEBIAN_KEYRING} is not here (package debian-archive-keyring)")
    options = _private_apt(scratch, _debian_mirror())
    report("  reading Debian's package list")
    _run(["apt-get", *options, "update"])
    report(f"  downloading consul {DEBIAN_VERSION}")
    _run(["apt-get", *options, "download", f"consul={DEBIAN_VERSION}"], cwd=scratch)
    package = next(scratch.glob("consul_*.deb"), None)
    if package is None:
        raise ValueError("apt-get downloaded no package")
    check_sum(package, DEBIAN_SHA256)
    _run(["dpkg-deb", "-x", str(package), str(scratch / "root")])
    return scratch / "root" / "usr" / "bin" / "consul"


def check_sum(path: Path, expected: str) -> None:
    """Raise ``ValueError`` unless the file's SHA-256 is ``expected``."""
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != expected:
        raise ValueError(f"{path.name} has SHA-256 {found}, expected {expected}")


SOURCES = (
    Source(f"HashiCorp's release archive, version {RELEASE_VERSION}", from_release),
    Source("Debian's package of Consul 1.8.7, through apt", from_debian),
)


def _platform() -> str:
    machines = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
    machine = machines.get(platform.machine().lower())
    if machine is None:
        raise ValueError(f"no release for {platform.machine()}")
    return f"{platform.system().lower()}_{machine}"


def _download(url: str) -> bytes:
    try:
        with urllib.request.urlopen(url, timeout=CONNECT_TIMEOUT) as answer:
            return bytes(answer.read())
    except urllib.error.URLError as error:
        raise OSError(f"{url.rsplit('/', 1)[-1]} cannot be downloaded ({error.reason})") from None


def _debian_mirror() -> str:
    """The site of this machine's own Debian sources; security and update suites are other archives."""
    listed = _run(["apt-get", "indextargets", "--format", "$(SITE)|$(CODENAME)|$(LABEL)"])
    sites = [line.split("|")[0] for line in listed.splitlines() if "security" not in line.lower()]
    if not sites:
        raise ValueError("apt has no Debian source configured")
    return sites[0]


def _private_apt(scratch: Path, site: str) -> list[str]:
    """Options that keep apt inside ``scratch``: nothing of the system's apt is read or changed but its proxies."""
    for folder in ("state/lists/partial", "cache/archives/partial"):
        (scratch / folder).mkdir(parents=True)
    listing = scratch / "sources.list"
    listing.write_text(f"deb [arch=amd64 signed-by={DEBIAN_KEYRING}] {site} bullseye main\n")
    settings = {
        "Dir::Etc::SourceList": listing,
        "Dir::Etc::SourceParts": "/dev/null",
        "Dir::State": scratch / "state",
        "Dir::State::Lists": scratch / "state" / "lists",
        "Dir::State::Status": "/dev/null",
        "Dir::Cache": scratch / "cache",
        "APT::Architecture": "amd64",
        "APT::Sandbox::User": "",
        "Acquire::Languages": "none",
        "Acquire::Check-Valid-Until": "false",
    }
    return [part for name, value in settings.items() for part in ("-o", f"{name}={value}")]


def _run(command: list[str], cwd: Path | None = None) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, cwd=cwd)
    if done.returncode != 0:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:] or ["no output"]
        raise ValueError(f"`{' '.join(command[:1])} {command[-1]}` failed: {last[0]}")
    return done.stdout
