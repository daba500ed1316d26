# Scores as the JSON a caller gets: the same shapes as modelyard.serving writes.

predictions_json <- function(scores, contract) {
  if (any(!is.finite(scores))) refuse(400L, "a number is too large for this model")
  if (!length(contract$labels)) {
    return(array_json(paste0('{"prediction": ', number_json(scores[, 1L]), "}")))
  }
  best <- contract$labels[max.col(scores, ties.method = "first")]
  told <- if (ncol(scores) == 2L) {
    paste0('"probability": ', number_json(scores[, 2L]))
  } else {
    paste0('"probabilities": ', probabilities_json(scores, contract))
  }
  array_json(paste0('{"prediction": ', best, ", ", told, "}"))
}

probabilities_json <- function(scores, contract) {
  names <- text_json(contract$categories)
  parts <- lapply(seq_along(names), function(i) paste0(names[i], ": ", number_json(scores[, i])))
  paste0("{", do.call(paste, c(parts, sep = ", ")), "}")
}

# Of several outputs, the predicted class is explained.
explanations_json <- function(found, scores) {
  outputs <- length(found$base)
  output <- if (outputs > 1L) max.col(scores, ties.method = "first") else rep(1L, nrow(scores))
  rows <- vapply(seq_len(nrow(scores)), function(row) {
    parts <- vapply(found$parts, function(part) part[row, output[row]], 0)
    sprintf(
      '{"unit": "%s", "base": %s, "contributions": %s}',
      found$unit, number_json(found$base[output[row]]),
      object_json(text_json(found$names), number_json(parts))
    )
  }, "")
  array_json(rows)
}
