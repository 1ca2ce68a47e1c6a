"""The command `xianjie`, and `python -m xianjie`."""


def main() -> None:
    """Run it. Ctrl-C ends it quietly, even while it is still being loaded."""
    try:
        from xianjie.cli import app

        app()
    except KeyboardInterrupt:
        raise SystemExit(130) from None


if __name__ == "__main__":
    main()
