"""Run every notebook from the top and render it: `python -m notebooks [OUT]`."""

import sys
from pathlib import Path

import jupytext
from nbconvert import HTMLExporter
from nbconvert.preprocessors import ExecutePreprocessor

HERE = Path(__file__).parent
LONGEST_CELL = 900  # seconds; a notebook takes under two minutes, on a machine that nothing else uses


def render(path: Path, out: Path) -> None:
    """Execute a notebook as its readers would, in a kernel of its own, and write it as one HTML page."""
    notebook = jupytext.read(path)
    runner = ExecutePreprocessor(timeout=LONGEST_CELL, kernel_name="python3")
    runner.preprocess(notebook, {"metadata": {"path": str(HERE.parent)}})
    exporter = HTMLExporter(template_name="classic", exclude_input_prompt=True, exclude_output_prompt=True)
    page, _ = exporter.from_notebook_node(notebook, {"metadata": {"name": path.stem.replace("_", " ")}})
    (out / f"{path.stem}.html").write_text(page, encoding="utf-8")


def main(out: Path) -> None:
    """Render every notebook into a folder."""
    out.mkdir(parents=True, exist_ok=True)
    for path in sorted(HERE.glob("[0-9]_*.py")):
        print(path.stem, flush=True)
        render(path, out)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "html")
