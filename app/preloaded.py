"""What every worker needs, imported once in the server that a window's workers are forked from."""

import app.checking.run
import app.filling.fill
import app.open_case
import app.package.workbook_reader
import app.pipeline
import app.reading.read
import app.recognising.recognise
import app.writing.write  # noqa: F401
