"""The settings: strict, refused with file, place and remedy; options stand above the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from answerable.console.provider.begin import LIBRARIES, need_libraries, secret_of
from answerable.console.running import CannotBegin
from answerable.console.serve.settings import Provider, read_settings
from answerable.record.log.notes import Cosigner, Signer

WITNESS_KEY = Cosigner("w.example/w1", bytes(32)).verifier.vkey
LOG_KEY = Signer("town.example/log", bytes(32)).verifier.vkey


def written(folder: Path, text: str) -> Path:
    path = folder / "serve.toml"
    path.write_text(text, encoding="utf-8")
    return path


def witness(url: str = "https://w.example", vkey: str = WITNESS_KEY) -> str:
    """Return settings with a witness."""
    return f"town='a'\n[[log.witnesses]]\nname='w'\nurl='{url}'\nvkey='{vkey}'\n"


def refused(folder: Path, text: str, **options: object) -> str:
    with pytest.raises(CannotBegin) as refusal:
        read_settings(written(folder, text), **options)
    said = str(refusal.value)
    assert said.startswith("Not started: ")
    assert "serve.toml" in said or "options" in said
    assert "Settings" in said, "the way out is not named"
    return said


def test_what_is_not_said_has_a_default_and_paths_are_beside_the_file(tmp_path):
    settings = read_settings(written(tmp_path, 'town = "san_francisco"\ndata = "record"\n'))
    assert settings.data == str(tmp_path / "record")
    assert (settings.host, settings.port, settings.log.format) == ("127.0.0.1", 8110, "plain")
    assert settings.hosts() == {"127.0.0.1", "localhost", "[::1]"}


def test_options_stand_above_the_file(tmp_path):
    path = written(tmp_path, 'town = "a"\nport = 1\n[log]\nlevel = "error"\n')
    settings = read_settings(path, town="b", port=2, names=("c.example",), log_format="json",
                             data=None)  # fmt: skip
    assert (settings.town, settings.port, settings.names) == ("b", 2, ("c.example",))
    assert (settings.log.format, settings.log.level) == ("json", "error")


def test_the_public_address_is_a_name_it_answers_to(tmp_path):
    text = 'town = "a"\nnames = ["Other.example"]\npublic_url = "https://Dispatch.example:8443/"\n'
    settings = read_settings(written(tmp_path, text))
    assert {"dispatch.example", "other.example"} <= settings.hosts()
    assert settings.url == "https://Dispatch.example:8443"


def test_a_town_s_folder_may_lie_beside_the_file(tmp_path):
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / "town.toml").touch()
    assert read_settings(written(tmp_path, 'town = "ours"')).town == str(tmp_path / "ours")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("twon = 'a'", "unknown field `twon`. Correct that setting (perhaps town was meant)"),
        ("town = 'a'\n[limits]\nconsole = 4", "perhaps consoles was meant"),
        ("town = 'a'\nport = 70000", "`$.port`"),
        ("town = 'a'\nport = 'x'", "`$.port`"),
        ("town = 'a'\n[limits]\nconsoles = 0", "`$.limits.consoles`"),
        ("town = 'a'\nnames = ['http://a']", "`$.names[0]`"),
        ("town = 'a'\npublic_url = 'dispatch.example'", "`$.public_url`"),
        ("town = 'a'\nproxies = ['nearby']", "`$.proxies[0]`"),
        ("town = 'a'\n[hooks]\ninside = ['10.0.0.0/8', 'nearby']", "`$.hooks.inside[1]`"),
        ("town = \nport = 1", "line 1"),
        ("", "`$.town`"),
        ("town = 'a'\nhost = '0.0.0.0'", "open to the network without encryption"),
        ("town = 'a'\n[sessions]\nidle_min = 600\nlongest_min = 60", "`$.sessions.idle_min`"),
        ("town = 'a'\n[provider]\nissuer = 'https://a'", "`$.provider`"),
        ("town = 'a'\n[provider]\nissuer = 'https://a'\nclient_id = 'c'\nsecret_file = 's'",
         "`$.public_url`"),
        ("town='a'\npublic_url='https://b'\n[provider]\nissuer='http://a'\nclient_id='c'\n"
         "secret_file='s'", "not reached by https"),
        ("town='a'\npublic_url='https://b'\n[provider]\nissuer='https://a'\nclient_id='c'\n"
         "secret_file='s'\nscopes=['email']", "`$.provider.scopes`"),
        ("town='a'\npublic_url='https://b'\n[provider]\nissuer='https://a'\nclient_id='c'\n"
         "secret_file='s'\nalgorithms=['none']", "`$.provider.algorithms[0]`"),
        ("town='a'\n[log]\norigin='a log'", "`$.log.origin`"),
        ("town='a'\n[log]\norigin='a+log'", "`$.log.origin`"),
        ("town='a'\n[[log.witnesses]]\nname='w'\nurl='https://w.example'", "`$.log.witnesses"),
        (witness(vkey="w+1+AAAA"), "no verifier key - at `$.log.witnesses[0]`"),
        (witness(vkey=LOG_KEY), "not a witness's, which makes cosignatures"),
        (witness(url="http://w.example"), "The witness is not reached by https"),
        (witness() + witness().removeprefix("town='a'\n"), "named twice - at `$.log.witnesses[1]`"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_refused_with_its_place_and_a_remedy(text, said, tmp_path):
    assert said in refused(tmp_path, text)


def test_the_log_has_a_name_and_witnesses(tmp_path):
    named = "town='a'\n[log]\norigin='dispatch.example/log'\n"
    told = read_settings(written(tmp_path, named + witness().removeprefix("town='a'\n")))
    assert told.log.origin == "dispatch.example/log"
    assert [(one.name, one.url) for one in told.log.witnesses] == [("w", "https://w.example")]
    near = read_settings(written(tmp_path, witness(url="http://127.0.0.1:8120")))
    assert near.log.witnesses[0].vkey == WITNESS_KEY


def test_a_wrong_option_is_refused(tmp_path):
    assert "`$.log.format`" in refused(tmp_path, "town = 'a'", log_format="xml")


def test_a_file_that_is_not_there_or_is_no_text_is_refused(tmp_path):
    with pytest.raises(CannotBegin, match="cannot be read"):
        read_settings(tmp_path / "serve.toml")
    (tmp_path / "serve.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CannotBegin, match=r"serve\.toml cannot be used"):
        read_settings(tmp_path / "serve.toml")


@pytest.mark.parametrize("more", ["behind_proxy = true", "unencrypted = true"])
def test_an_open_address_is_taken_where_somebody_says_so(more, tmp_path):
    assert read_settings(written(tmp_path, f"town = 'a'\nhost = '0.0.0.0'\n{more}")).host


def provider(path: Path) -> Provider:
    return Provider(issuer="https://a", client_id="c", secret_file=str(path))


@pytest.mark.parametrize(
    ("content", "mode", "said"),
    [(None, 0o600, "cannot be read"), ("  \n", 0o600, "is empty"), ("word", 0o644, "chmod 600")],
)
def test_a_client_s_secret_that_cannot_be_used_is_refused(content, mode, said, tmp_path):
    path = tmp_path / "secret"
    if content is not None:
        path.write_text(content)
        path.chmod(mode)
    with pytest.raises(CannotBegin, match=said) as refusal:
        secret_of(provider(path))
    assert str(path) in str(refusal.value)


def test_a_client_s_secret_is_the_text_of_its_file(tmp_path):
    path = tmp_path / "secret"
    path.write_text("word\n")
    path.chmod(0o600)
    assert secret_of(provider(path)) == "word"


def test_without_the_libraries_the_line_that_installs_them_is_told(monkeypatch):
    from answerable.console.provider import begin

    monkeypatch.setattr(begin, "find_spec", lambda name: None)
    with pytest.raises(CannotBegin, match=r"pip install 'answerable\[sso\]'") as refusal:
        need_libraries()
    assert ", ".join(LIBRARIES) in str(refusal.value)


def test_a_list_of_breached_passwords_lies_beside_the_file_and_is_looked_at(tmp_path):
    (tmp_path / "breached.txt").write_text(f"{'A' * 40}:1\n")
    text = '[accounts]\nbreached = "breached.txt"\nsecond_factor = "required"\ncode_drift = 1\n'
    accounts = read_settings(written(tmp_path, "town = 'a'\n" + text)).accounts
    assert accounts.breached == str(tmp_path / "breached.txt")
    assert (accounts.second_factor, accounts.code_drift) == ("required", 1)
    for content in ("words\n", None):
        if content is None:
            (tmp_path / "breached.txt").unlink()
        else:
            (tmp_path / "breached.txt").write_text(content)
        said = refused(tmp_path, "town = 'a'\n" + text)
        assert "breached passwords cannot be used" in said


def test_a_secret_may_lie_where_the_system_hands_it_over(tmp_path):
    place = "/run/credentials/answerable.service/oidc"
    path = tmp_path / "serve.toml"
    path.write_text(f"""town = "san_francisco"
public_url = "https://b.example"
behind_proxy = true
[provider]
issuer = "https://a.example"
client_id = "c"
secret_file = "{place}"
[referring.keys]
"311" = "{place}"
""")
    settings = read_settings(path)
    assert settings.provider.secret_file == settings.referring.keys["311"] == place
