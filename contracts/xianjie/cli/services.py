"""`xianjie services`: what applicants may ask a centre for, what each service needs, and how it may end."""

from typing import Annotated, Any

import typer
from rich.text import Text

from xianjie.cli.showing import AsJson, Fault, show, show_json, table
from xianjie.law.catalogue import Offered, services
from xianjie.vocabulary import ServiceKind


def show_services(
    service: Annotated[
        str | None, typer.Argument(metavar="SERVICE", help="Which one, as in early_warning; all, if none.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the services of the Opinion: the papers and details that an application needs, the topics, the results.

    Example: `xianjie services early_warning`
    """
    found = [each for each in services().values() if service in (None, each.id)]
    if not found:
        raise Fault(f"no service is called {service}: there are {', '.join(services())}", 2)
    if as_json:
        show_json([_plain(each) for each in found])
    elif service:
        for name, value in _plain(found[0]).items():
            show(Text.assemble((f"{name}: ", "bold"), ", ".join(value) if isinstance(value, list) else str(value)))
    else:
        show(table(("service", "名称", "papers", "asks for", "ends with"), (_row(each) for each in found)))


def _row(each: Offered) -> tuple[str, ...]:
    kind = ServiceKind(each.id)
    return (
        each.id,
        kind.chinese,
        "\n".join(each.papers),
        "\n".join(each.asks),
        "\n".join(each.results) or "the outcome of its legs",
    )


def _plain(each: Offered) -> dict[str, Any]:
    kind = ServiceKind(each.id)
    return {
        "service": each.id, "english": kind.english, "chinese": kind.chinese, "papers": list(each.papers), "asks": list(each.asks),
        "topics": list(each.topics), "results": list(each.results), "source": f"{each.source} {each.article}", "verified": each.verified,
    }  # fmt: skip
