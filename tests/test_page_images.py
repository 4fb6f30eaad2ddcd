from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from app.page_images import A4, BoxesRequest, PageImage, PageRequest, SizesRequest, render

REPORTS = Path(__file__).parents[2] / "shared" / "reports"
Line = tuple[float, float, str]  # x and height of the base line from the bottom left, text


def pdf(path: Path, *pages: Sequence[Line], size: str = "595 842", turn: int = 0, broken: int = 0) -> Path:
    """A PDF written by hand, Helvetica 12; page number ``broken`` is no page at all."""
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(pages)))
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}>>",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    for number, lines in enumerate(pages):
        drawn = " ".join(f"BT /F 12 Tf {x} {y} Td ({text}) Tj ET" for x, y, text in lines)
        box = f"/MediaBox[0 0 {size}]/Rotate {turn}"
        page = f"<</Type/Page/Parent 2 0 R{box}/Contents {5 + 2 * number} 0 R/Resources<</Font<</F 3 0 R>>>>>>"
        objects += ["(gone)" if number + 1 == broken else page, f"<</Length {len(drawn)}>>stream\n{drawn}\nendstream"]
    data, at = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        at.append(len(data))
        data += f"{number} 0 obj{content}endobj\n".encode()
    table = "".join(f"{offset:010} 00000 n \n" for offset in at)
    end = f"xref\n0 {len(at) + 1}\n0000000000 65535 f \n{table}trailer<</Size {len(at) + 1}/Root 1 0 R>>\nstartxref\n"
    path.write_bytes(data + f"{end}{len(data)}\n%%EOF".encode())
    return path


def crashing(request: Any, step: Any) -> Any:
    """``render``, but page 2 ends the worker as a bug in pdfium would, and page 3 raises."""
    if isinstance(request, PageRequest) and request.page == 2:
        os._exit(139)
    if isinstance(request, PageRequest) and request.page == 3:
        raise KeyError("页")
    return render(request, step)


def drawn(path: Path, page: int, width: int, height: int) -> list[PageImage]:
    bands: list[PageImage] = []
    bands.append(render(PageRequest(path, page, width, height), bands.append))
    return bands


def boxes(path: Path, *passages: tuple[str, Any], page: int = 1) -> Any:
    return render(BoxesRequest(path, page, passages), lambda _: None)


def dark(bands: list[PageImage], x: int, y: int, right: int, bottom: int) -> int:
    """Dark pixels in a part of the picture."""
    pixels, width = b"".join(band.pixels for band in bands), bands[0].width
    return sum(pixels[(row * width + column) * 4] < 100 for row in range(y, bottom) for column in range(x, right))


def test_sizes_are_those_of_the_page_as_shown(tmp_path: Path) -> None:
    upright = pdf(tmp_path / "a.pdf", [], [], [])
    assert render(SizesRequest(upright), lambda _: None) == [(595, 842)] * 3
    turned = pdf(tmp_path / "b.pdf", [], turn=90)
    assert render(SizesRequest(turned), lambda _: None) == [(842, 595)]


def test_a_page_is_drawn_to_the_pixel(tmp_path: Path) -> None:
    path = pdf(tmp_path / "a.pdf", [(100, 742, "Total 944.91")])
    bands = drawn(path, 1, 595, 842)
    assert sum(len(band.pixels) for band in bands) == 595 * 842 * 4
    assert (bands[0].width, bands[0].height) == (595, 842)
    assert dark(bands, 100, 88, 175, 101) > 50, "the text stands 100 points below the top"
    assert dark(bands, 0, 0, 595, 85) == dark(bands, 0, 110, 595, 842) == 0


def test_a_large_page_comes_in_bands_that_make_the_whole(tmp_path: Path) -> None:
    path = pdf(tmp_path / "a.pdf", [(100, 742, "Total")])
    bands = drawn(path, 1, 2380, 3368)
    assert len(bands) > 4
    assert max(len(band.pixels) for band in bands) <= 4 << 20
    rows = [band.top + row for band in bands for row in range(len(band.pixels) // (2380 * 4))]
    assert rows == list(range(3368))


def test_a_passage_is_found_in_its_line_whatever_the_white_space(tmp_path: Path) -> None:
    path = pdf(tmp_path / "a.pdf", [(100, 742, "Income 944.91, spent 12.00")])
    (found,) = boxes(path, ("Income944 .91", (90.0, 80.0, 400.0, 110.0)))
    assert len(found) == 1
    x0, top, x1, bottom = found[0]
    assert 99 < x0 < 103 and 170 < x1 < 190, "as wide as the passage, not as the line"
    assert 85 < top < 97 < bottom < 110


def test_a_passage_that_is_all_its_box_holds_is_that_box(tmp_path: Path) -> None:
    path = pdf(tmp_path / "a.pdf", [(100, 742, "12.00"), (200, 742, "13.00")])
    cell = (90.0, 70.0, 190.0, 120.0)
    assert boxes(path, ("12.00", cell)) == [[cell]]
    both = (90.0, 70.0, 290.0, 120.0)
    assert boxes(path, ("12.00", both)) != [[both]]


def test_a_passage_drawn_in_pieces_has_one_box_a_line(tmp_path: Path) -> None:
    path = pdf(tmp_path / "a.pdf", [(100, 742, "Total"), (170, 742, "944"), (230, 742, "yuan"), (300, 742, "more")])
    (((x0, _, x1, _),),) = boxes(path, ("Total 944 yuan", None))
    assert 99 < x0 < 103 and 245 < x1 < 262


def test_a_passage_runs_over_two_lines(tmp_path: Path) -> None:
    path = pdf(tmp_path / "a.pdf", [(100, 742, "the sum is 944.91"), (100, 720, "this year.")])
    (found,) = boxes(path, ("944.91 this", (100.0, 88.0, 200.0, 104.0)))
    assert [round(box[1] / 22) for box in found] == [4, 5]


def test_of_equal_passages_the_one_at_its_box(tmp_path: Path) -> None:
    path = pdf(tmp_path / "a.pdf", [(100, 742, "0.00 a"), (300, 742, "0.00 b"), (100, 600, "0.00 c")])
    near, right, below, far = boxes(
        path,
        ("0.00", (90.0, 85.0, 150.0, 105.0)),
        ("0.00", (290.0, 85.0, 350.0, 105.0)),
        ("0.00", (90.0, 230.0, 150.0, 245.0)),
        ("0.00", (90.0, 500.0, 150.0, 520.0)),
    )
    assert 99 < near[0][0] < 102 and 85 < near[0][1] < 100
    assert 299 < right[0][0] < 302
    assert 225 < below[0][1] < 240
    assert far == [], "none stands near that box"


def test_an_absent_passage_has_no_boxes(tmp_path: Path) -> None:
    path = pdf(tmp_path / "a.pdf", [(100, 742, "Total")])
    assert boxes(path, ("97.2%", (90.0, 85.0, 150.0, 105.0)), (" ", None)) == [[], []]


def test_boxes_on_a_turned_page_are_as_shown(tmp_path: Path) -> None:
    path = pdf(tmp_path / "a.pdf", [(100, 742, "Total")], turn=90)  # shown 842 wide, text runs down
    (((x0, top, x1, bottom),),) = boxes(path, ("Total", None))
    assert 735 < x0 < x1 < 760 and 95 < top < bottom < 135
    bands = drawn(path, 1, 842, 595)
    assert dark(bands, int(x0), int(top), int(x1) + 1, int(bottom) + 1) > 20, "there the text is drawn"


def test_a_changed_file_is_opened_anew_and_never_kept_open(tmp_path: Path) -> None:
    path = pdf(tmp_path / "a.pdf", [])
    assert len(render(SizesRequest(path), lambda _: None)) == 1
    if sys.platform.startswith("linux"):
        open_files = [os.path.realpath(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd")]  # noqa: PTH208
        assert str(path) not in open_files, "she could not save it on Windows"
    pdf(path, [], [(1, 1, "more")])
    assert len(render(SizesRequest(path), lambda _: None)) == 2


def test_pages_after_a_damaged_one_keep_their_numbers(tmp_path: Path) -> None:
    path = pdf(tmp_path / "a.pdf", [], [], [(100, 742, "Third")], size="400 500", broken=2)
    assert render(SizesRequest(path), lambda _: None) == [(400, 500), A4, (400, 500)]
    with pytest.raises(Exception, match="page"):
        drawn(path, 2, 100, 100)
    assert boxes(path, ("Third", None), page=3) != [[]]


def test_what_is_no_pdf_raises(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"PK\x03\x04 not a PDF")
    with pytest.raises(Exception, match="format"):
        render(SizesRequest(tmp_path / "a.pdf"), lambda _: None)


@pytest.mark.skipif(not REPORTS.is_dir(), reason="../shared/reports is not here")
def test_passages_of_a_real_report() -> None:
    path = REPORTS / "sh-ghzyj-2024.pdf"
    found = boxes(
        path,
        ("人员经费4896.98万元", (119.9, 485.7, 505.6, 500.7)),
        ("住房保障支出（类）住房保障支出（款）住房公积金（项）", (119.9, 204.8, 513.1, 219.8)),
        page=24,
    )
    assert [len(lines) for lines in found] == [2, 1], "the first runs into the next line"
    assert found[0][0][0] > 470 and found[0][1][0] < 95
