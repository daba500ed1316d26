# Inferences on the standard output, in the format of SageMaker's data capture: the second way to
# capture them (modelyard.capture_log). Long lines go out in numbered slices.

line_bytes <- 12L * 1024L
slice_bytes <- line_bytes %/% 2L - 256L

capture_log <- function() {
  server <- random_hex(16L)
  written <- 0
  function(content_type, request, answer, inference_id) {
    written <<- written + 1
    event <- sprintf("%s-%.0f", server, written)
    line <- capture_record(content_type, request, answer, inference_id, event)
    lines <- if (nchar(line) < line_bytes) line else capture_slices(line, event)
    cat(paste0(lines, "\n"), sep = "")
    flush(stdout())
  }
}

capture_record <- function(content_type, request, answer, inference_id, event) {
  encoding <- if (content_type == "text/csv") "CSV" else "JSON"
  side <- '{"observedContentType": "%s", "mode": "%s", "data": %s, "encoding": "%s"}'
  paste0(
    '{"captureData": {"endpointInput": ',
    sprintf(side, content_type, "INPUT", ascii_json(request), encoding),
    ', "endpointOutput": ',
    sprintf(side, "application/json", "OUTPUT", ascii_json(answer), "JSON"),
    '}, "eventMetadata": {"eventId": "', event, '", "inferenceId": ', ascii_json(inference_id),
    ', "inferenceTime": "', format(Sys.time(), "%Y-%m-%dT%H:%M:%SZ", tz = "UTC"),
    '"}, "eventVersion": "0"}'
  )
}

capture_slices <- function(line, event) {
  starts <- seq(1L, nchar(line), slice_bytes)
  pieces <- substring(line, starts, pmin(starts + slice_bytes - 1L, nchar(line)))
  sprintf(
    '{"capturePart": {"eventId": "%s", "sequence": %d, "of": %d, "data": %s}}',
    event, seq_along(pieces), length(pieces), vapply(pieces, ascii_json, "")
  )
}

# Never R's own generator: a team's set.seed would repeat the ids of inferences.
random_hex <- local({
  source <- NULL
  function(bytes) {
    if (is.null(source)) source <<- file("/dev/urandom", "rb", raw = TRUE)
    paste(readBin(source, "raw", bytes), collapse = "")
  }
})
