"""The command `framing`: what was asked goes to the library, what came back to the terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from framing import __version__
from framing.errors import AnnotationError, InputError, ModelError

if TYPE_CHECKING:
    from framing.baseline import Baseline
    from framing.predictor import Framing

FORMATS = ("concise", "jsonl", "csv", "parquet", "html", "sarif", "github")
FOUND, FAILED = 1, 2
_PATH = click.Path(path_type=Path)


@contextmanager
def _plain_errors() -> Iterator[None]:
    """Errors of the library as one line and exit code 2; a closed pipe is no error."""
    try:
        yield
    except (ModelError, AnnotationError, InputError) as error:
        raise click.ClickException(_with_notes(error)) from error
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123 - nothing is left to flush into
        raise SystemExit(0) from None
    except OSError as error:
        named = error.filename or "output"
        raise click.ClickException(f"{named}: {error.strerror or error}") from error


def _with_notes(error: BaseException) -> str:
    """What an error says, and what became known of it later."""
    return "; ".join([str(error), *getattr(error, "__notes__", ())])


click.ClickException.exit_code = FAILED


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="framing")
def main() -> None:
    """Show how news articles steer their readers: which words, which device, and why."""


# --- score --------------------------------------------------------------------------------


def _parse_fail_on(_: Any, __: Any, values: Sequence[str]) -> dict[str, float]:
    found = {}
    for value in values:
        name, _, least = value.partition("=")
        try:
            found[name] = float(least) if least else 0.0
        except ValueError:
            found[name] = -1.0
        if not 0 <= found[name] <= 1:
            raise click.BadParameter(f"{value!r} is not DEVICE or DEVICE=SCORE, 0 to 1")
    return found


@main.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(allow_dash=True))
@click.option("--format", "style", type=click.Choice(FORMATS), help="Default: concise.")
@click.option("--output", "-o", type=_PATH, help="Write here instead of to standard output.")
@click.option("--model", default="boosted", help="linear, boosted, or the path of a model.")
@click.option("--device", "devices", multiple=True, help="Only this device; may be repeated.")
@click.option("--min-score", type=click.FloatRange(0, 1), default=0.0, help="Only spans this sure.")
@click.option("--include-quoted", is_flag=True, help="Also look inside direct quotation.")
@click.option(
    "--fail-on",
    multiple=True,
    metavar="DEVICE[=SCORE]",
    callback=_parse_fail_on,
    help="Exit with 1 if this device is found, reported or not; may be repeated.",
)
@click.option(
    "--jobs",
    type=click.IntRange(0),
    default=1,
    help="Processes that score; 0 for one a core. Default: 1.",
)
@click.option("--resume", is_flag=True, help="Go on with a run into --output that was cut off.")
@click.option(
    "--baseline",
    type=_PATH,
    help="Leave out what this earlier output (--format jsonl) has.",
)
def score(
    paths: tuple[str, ...],
    style: str | None,
    output: Path | None,
    model: str,
    devices: tuple[str, ...],
    min_score: float,
    include_quoted: bool,
    fail_on: dict[str, float],
    jobs: int,
    resume: bool,
    baseline: Path | None,
) -> None:
    """Find framing devices in files, folders (with all below) or standard input (-).

    A folder's .txt, .md and .html files are read. What cannot be read is named
    on standard error, the rest is scored, and the exit code is 2. Texts that do
    not read like English are scored as well, and named there too.
    """
    from framing.filters import Filter
    from framing.output.characters import escaped
    from framing.scoring import Job, count_cores, score_paths

    with _stoppable(), _plain_errors():
        known = _read_baseline(baseline, output) if baseline else None
        framing = _load(model, include_quoted=include_quoted)
        chosen = Filter.of(framing.labels, devices, min_score, fail_on)
        processes = jobs or count_cores()
        job = Job(_style(style, output), output, chosen, processes, model, resume, known)
        with _progress() as tick:
            outcome = score_paths(framing, paths, job, tick)
        sys.stdout.flush()
    for warning in outcome.foreign.warnings():
        click.echo(f"framing: {warning}", err=True)
    for note in outcome.notes:
        click.echo(f"framing: {escaped(note)}", err=True)
    for failure in outcome.failures:
        click.echo(f"framing: {escaped(failure)}", err=True)
    if outcome.failures:
        plural = "s" if outcome.failed > 1 else ""
        click.echo(f"framing: {outcome.failed} input{plural} could not be read", err=True)
        sys.exit(FAILED)
    sys.exit(FOUND if outcome.met else 0)


@contextmanager
def _stoppable() -> Iterator[None]:
    """Signals that end a run as one line and the exit code that shells know them by."""
    from framing.interrupts import Stopped, stoppable

    try:
        with stoppable():
            yield
    except Stopped as stop:
        click.echo(f"framing: {_with_notes(stop)}", err=True)
        sys.exit(stop.exit_code)


def _style(style: str | None, output: Path | None) -> str:
    """Format asked for, else that of the output's ending, else concise."""
    if style:
        return style
    endings = {".jsonl": "jsonl", ".csv": "csv", ".parquet": "parquet", ".html": "html",
               ".sarif": "sarif"}  # fmt: skip
    return endings.get(output.suffix.lower(), "concise") if output else "concise"


def _read_baseline(path: Path, output: Path | None) -> Baseline:
    from framing.baseline import read_baseline

    if output and output.resolve() == path.resolve():
        raise InputError(f"{path}: is the baseline; write the output somewhere else")
    return read_baseline(path)


def _load(model: str, *, include_quoted: bool = False) -> Framing:
    from framing.lean import without_pandas
    from framing.predictor import Framing

    with without_pandas():
        return Framing(model, include_quoted=include_quoted)


@contextmanager
def _progress() -> Iterator[Any]:
    """A counter of texts on a terminal's standard error; elsewhere nothing."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    count = 0

    def tick() -> None:
        nonlocal count
        count += 1
        if count % 10 == 0 or count < 10:
            click.echo(f"\r{count} texts", nl=False, err=True)

    try:
        yield tick
    finally:
        click.echo("\r\033[K", nl=False, err=True)


# --- explain, labels, doctor --------------------------------------------------------------


@main.command()
@click.argument("path", type=click.Path(allow_dash=True))
@click.option("--model", default="boosted", help="linear, boosted, or the path of a model.")
@click.option("--include-quoted", is_flag=True, help="Also look inside direct quotation.")
@click.option("--words", default=5, help="Words shown for each span.")
def explain(path: str, model: str, include_quoted: bool, words: int) -> None:
    """Show for every span of one text which words spoke for and against it."""
    from framing.inputs import read_source
    from framing.reporting import Reporter

    with _plain_errors():
        source = read_source(path)
        framing = _load(model, include_quoted=include_quoted)
        reporter = Reporter(framing, lambda reading: reading)
        for found in framing.explain(source.text):
            if not reporter.is_own(source, found.span):
                continue
            span = source.place(found.span)
            click.echo(f"{source.name}:{span.start}-{span.end}: {span.label} ({span.score:.2f})")
            click.echo(f"  {' '.join(span.text.split())}")
            shown = ", ".join(f"{each.name} {each.weight:+.2f}" for each in found.words[:words])
            rest = ", ".join(f"{each.name} {each.weight:+.2f}" for each in found.features)
            click.echo(f"    words: {shown}\n    other: {rest}")


@main.command()
@click.option("--model", default="linear", help="linear, boosted, or the path of a model.")
def labels(model: str) -> None:
    """List the devices that a model finds, with their definitions."""
    with _plain_errors():
        schema = _load(model).model.schema
    for label in schema.labels:
        click.secho(label.name, bold=True)
        click.echo(f"  {label.definition} (unit: {label.unit})")


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def doctor(as_json: bool) -> None:
    """Report versions, the shipped models and their hashes, and optional extras."""
    from framing.doctor import examine

    report = examine()
    click.echo(report.to_json() if as_json else report.to_text())
    sys.exit(0 if report.healthy else FAILED)


# --- train, evaluate ----------------------------------------------------------------------


@main.command()
@click.argument("annotations", nargs=-1, required=True, type=_PATH)
@click.option("--output", "-o", required=True, type=_PATH, help="Where the model is written.")
@click.option(
    "--model",
    type=click.Choice(["linear", "boosted"]),
    default="boosted",
    help="Kind of model. Default: boosted.",
)
@click.option("--texts", type=_PATH, help="Folder with the texts of stand-off annotations.")
@click.option("--seed", default=0, help="Same seed, same model.")
@click.option("--include-test", is_flag=True, help="Also learn from the test split.")
@click.option(
    "--start",
    metavar="MODEL",
    help="Start from linear, boosted or the path of a model, which must not have seen the "
    "documents: a shipped one only for documents that are not the project's. Default: none.",
)
def train(
    annotations: tuple[Path, ...],
    output: Path,
    model: str,
    texts: Path | None,
    seed: int,
    include_test: bool,
    start: str | None,
) -> None:
    """Train a model from annotation files or folders."""
    from framing.annotations import find_schema
    from framing.api import train as train_model

    with _plain_errors():
        documents, schema = _read(annotations, texts), find_schema(annotations)
        _warn_of_speech(documents, schema)

        def progress(stage: str, done: int, total: int) -> None:
            click.echo(f"[{done}/{total}] {stage}", err=True)

        trained = train_model(
            documents,
            model=model,
            schema=schema,
            output=output,
            seed=seed,
            include_test=include_test,
            start=start,
            progress=progress,
        )
    meta = trained.model.meta
    click.echo(
        f"{output}: {model} model of {meta['documents']} documents and {meta['spans']} spans"
    )


@main.command()
@click.argument("model")
@click.argument("annotations", nargs=-1, required=True, type=_PATH)
@click.option("--texts", type=_PATH, help="Folder with the texts of stand-off annotations.")
@click.option("--split", help="Only documents of this split, such as test.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def evaluate(
    model: str, annotations: tuple[Path, ...], texts: Path | None, split: str | None, as_json: bool
) -> None:
    """Compare what a model finds with annotated documents, device by device."""
    import json

    from framing.evaluate import evaluate as run

    with _plain_errors():
        documents = [d for d in _read(annotations, texts) if split in (None, d.split)]
        if not documents:
            raise AnnotationError("no document to evaluate on")
        report = run(_load(model), documents)
    if as_json:
        click.echo(json.dumps(report.rows()))
    else:
        click.echo(f"{len(documents)} documents\n{report.table()}")


def _read(paths: Sequence[Path], texts: Path | None) -> list[Any]:
    """Annotated documents with text; those without are named on standard error."""
    from framing.annotations import read_annotations

    documents, missing = read_annotations(paths, texts)
    if missing:
        names = ", ".join(document.id for document in missing)
        click.echo(
            f"framing: {len(missing)} documents left out, their texts were not found "
            f"(--texts): {names}",
            err=True,
        )
    return documents


def _warn_of_speech(documents: Sequence[Any], schema: Any) -> None:
    """Say so where many spans stand in quotations, as in sets that ask not who is speaking."""
    from framing.validation import share_in_quotation

    share = share_in_quotation(documents, schema)
    if share >= _MUCH_SPEECH:
        click.echo(
            f"framing: {share:.0%} of the spans stand in quotations, where nothing is learnt or "
            "reported; if they are meant to, give every label in schema.toml speech = true",
            err=True,
        )


_MUCH_SPEECH = 0.05


# --- review -------------------------------------------------------------------------------


@main.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True))
@click.option("--model", default="boosted", help="linear, boosted, or the path of a model.")
@click.option(
    "--output", "-o", type=_PATH, help="Annotation file. Default: annotations-review.jsonl."
)
@click.option(
    "--order",
    type=click.Choice(["name", "least-sure"]),
    default="name",
    help="Articles by name, or those first of which the model is least sure.",
)
@click.option("--blank", is_flag=True, help="Show no suggestions: mark from a blank page.")
@click.option("--include-quoted", is_flag=True, help="Also look inside direct quotation.")
@click.option("--annotator", metavar="NAME", help="Written with every span.")
@click.option("--genre", default="news", help="Of the articles, until it is changed on the page.")
@click.option("--license", "license_", default="unknown", help="Of the articles' texts.")
@click.option("--stand-off", is_flag=True, help="Write the hash of each text in place of the text.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Default: any free one.")
@click.option("--no-browser", is_flag=True, help="Only print the address.")
def review(
    paths: tuple[str, ...],
    model: str,
    output: Path | None,
    order: str,
    blank: bool,
    include_quoted: bool,
    annotator: str | None,
    genre: str,
    license_: str,
    stand_off: bool,
    port: int,
    no_browser: bool,
) -> None:
    """Correct a model's spans on a page of this machine, and save them as annotations.

    Every decision is on disk at once; the same command goes on where it was
    stopped. Finished articles are what `framing train` takes. Needs the extra
    `review`.
    """
    from framing.review import check_extra

    with _plain_errors():
        check_extra()
        from framing.review.serve import DEFAULT_OUTPUT, Options, run
        from framing.review.session import Settings

        unread = run(
            lambda: _load(model, include_quoted=include_quoted),
            paths,
            Options(output or DEFAULT_OUTPUT, order, port, not no_browser, not stand_off),
            Settings(genre, license_, annotator, blank),
            click.echo,
            lambda line: click.echo(f"framing: {line}", err=True),
        )
    sys.exit(FAILED if unread else 0)


# --- annotations --------------------------------------------------------------------------


@main.group("annotations")
def annotation_group() -> None:
    """Check, count, compare and convert annotation files."""


@annotation_group.command()
@click.argument("paths", nargs=-1, required=True, type=_PATH)
@click.option("--texts", type=_PATH, help="Folder with the texts of stand-off annotations.")
def validate(paths: tuple[Path, ...], texts: Path | None) -> None:
    """Find what is wrong with annotation files; each problem with file and line."""
    from framing.annotations import find_schema
    from framing.validation import validate_files

    with _plain_errors():
        problems, n_documents = validate_files(paths, texts, find_schema(paths))
    for problem in problems:
        click.echo(str(problem))
    errors = sum(problem.severity == "error" for problem in problems)
    click.echo(f"{n_documents} documents, {errors} errors, {len(problems) - errors} warnings")
    sys.exit(FAILED if errors else 0)


@annotation_group.command()
@click.argument("paths", nargs=-1, required=True, type=_PATH)
@click.option("--texts", type=_PATH, help="Folder with the texts of stand-off annotations.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--svg", type=_PATH, help="Write a bar chart here.")
def stats(paths: tuple[Path, ...], texts: Path | None, as_json: bool, svg: Path | None) -> None:
    """Count documents, words and spans by device, source and genre."""
    import json

    from framing.annotations import find_schema, read_annotations
    from framing.statistics import bars, describe, table

    with _plain_errors():
        documents, missing = read_annotations(paths, texts)
        found = describe([*documents, *missing], find_schema(paths))
        if svg:
            svg.write_text(bars(found), encoding="utf-8")
    click.echo(json.dumps(found.to_dict()) if as_json else table(found))


@annotation_group.command()
@click.argument("first", type=_PATH)
@click.argument("second", type=_PATH)
@click.option("--texts", type=_PATH, help="Folder with the texts of stand-off annotations.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def agreement(first: Path, second: Path, texts: Path | None, as_json: bool) -> None:
    """Compare two annotators of the same documents."""
    import json

    from framing.agreement import agreement as compare
    from framing.annotations import find_schema

    with _plain_errors():
        report = compare(_read([first], texts), _read([second], texts), find_schema([first]))
    click.echo(json.dumps(report.to_dict()) if as_json else report.table())


@annotation_group.command("import")
@click.argument("path", type=_PATH)
@click.option("--format", "style", help="Default: guessed from the file.")
@click.option("--output", "-o", required=True, type=_PATH, help="Where it is written.")
def import_(path: Path, style: str | None, output: Path) -> None:
    """Turn another tool's annotations into ours."""
    from framing import formats
    from framing.annotations import write_annotations

    with _plain_errors():
        documents = formats.read(path, style or formats.guess_format(path))
        write_annotations(output, documents)
    click.echo(f"{output}: {len(documents)} documents")


@annotation_group.command()
@click.argument("paths", nargs=-1, required=True, type=_PATH)
@click.option("--format", "style", required=True, help="See the documentation for their names.")
@click.option("--texts", type=_PATH, help="Folder with the texts of stand-off annotations.")
@click.option("--output", "-o", required=True, type=_PATH, help="Where it is written.")
def export(paths: tuple[Path, ...], style: str, texts: Path | None, output: Path) -> None:
    """Write annotations in another tool's format."""
    from framing import formats

    with _plain_errors():
        documents = _read(paths, texts)
        formats.write(documents, output, style)
    click.echo(f"{output}: {len(documents)} documents")


@annotation_group.command()
@click.argument("paths", nargs=-1, required=True, type=_PATH)
@click.option("--texts", type=_PATH, help="Folder with the texts of stand-off annotations.")
@click.option("--most", default=300, help="Lines printed.")
@click.option("--seed", default=0, help="Decides the folds.")
def suspicious(paths: tuple[Path, ...], texts: Path | None, most: int, seed: int) -> None:
    """List spans and sentences where a cross-validated model is surest that the mark is wrong."""
    from framing.annotations import find_schema
    from framing.suspicion import find_suspicious

    with _plain_errors():
        found = find_suspicious(_read(paths, texts), find_schema(paths), most=most, seed=seed)
    for each in found:
        click.echo(str(each))
