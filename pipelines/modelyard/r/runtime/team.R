# The team's R code: loaded from its folder, asked for a model and for scores, and held to what it
# promises. What goes wrong in it is told with its file and line.

team_code <- function(folder) {
  code <- new.env(parent = globalenv())
  files <- sort(list.files(folder, pattern = "[.][rR]$", full.names = TRUE), method = "radix")
  for (file in files) in_team_code(folder, sys.source(file, code, keep.source = TRUE))
  for (name in c("build_model", "predict_model")) {
    if (!is.function(code[[name]])) {
      stop(
        "the R code defines no function ", name, ": write it in model.R", call. = FALSE
      )
    }
  }
  list(
    folder = folder,
    build = code$build_model,
    predict = code$predict_model,
    decide = if (is.function(code$decide_model)) code$decide_model,
    tuned = if (is.list(code$tuned)) code$tuned
  )
}

in_team_code <- function(folder, expression) {
  withCallingHandlers(expression, error = function(error) {
    place <- team_place(folder, sys.calls())
    stop(place, conditionMessage(error), call. = FALSE)
  })
}

# "model.R line 12: " of the innermost call that is the team's, or nothing.
team_place <- function(folder, calls) {
  for (call in rev(calls)) {
    source <- attr(call, "srcref")
    file <- if (!is.null(source)) attr(source, "srcfile")$filename
    if (!is.null(file) && dirname(normalizePath(file, mustWork = FALSE)) == folder) {
      return(sprintf("%s line %d: ", basename(file), source[[1L]]))
    }
  }
  ""
}

# Probabilities with a column per class, or the values of a regression in one column.
team_scores <- function(team, model, rows, classes) {
  found <- in_team_code(team$folder, team$predict(model, rows))
  scores <- as_matrix("predict_model", found, nrow(rows))
  if (classes == 2L && ncol(scores) == 1L) scores <- cbind(1 - scores, scores)
  check_width("predict_model", scores, max(classes, 1L))
  if (classes) check_probabilities(scores)
  unname(scores)
}

# What the link is applied to: log-odds of the second of two classes, or a column per class.
team_decisions <- function(team, model, rows, classes) {
  found <- in_team_code(team$folder, team$decide(model, rows))
  decisions <- as_matrix("decide_model", found, nrow(rows))
  check_width("decide_model", decisions, if (classes == 2L) 1L else classes)
  unname(decisions)
}

as_matrix <- function(name, found, rows) {
  if (is.data.frame(found)) found <- as.matrix(found)
  if (!is.numeric(found)) {
    stop(name, " gave a ", class(found)[1L], "; it must give numbers", call. = FALSE)
  }
  if (NROW(found) != rows) {
    stop(name, " gave ", NROW(found), " rows for ", rows, call. = FALSE)
  }
  found <- as.matrix(found)
  bad <- which(rowSums(!is.finite(found)) > 0)
  if (length(bad)) {
    stop(
      name, " gave ", found[bad[1L], !is.finite(found[bad[1L], ])][1L], " for row ", bad[1L],
      call. = FALSE
    )
  }
  found
}

check_width <- function(name, found, width) {
  if (ncol(found) != width) {
    stop(name, " gave ", ncol(found), " columns where ", width, " belong", call. = FALSE)
  }
}

check_probabilities <- function(scores) {
  sums <- rowSums(scores)
  bad <- which(scores < 0 | scores > 1 | abs(sums - 1) > 1e-6, arr.ind = TRUE)
  if (length(bad)) {
    stop(
      "predict_model gave no probabilities for row ", bad[1L, 1L], ": ",
      paste(number_text(scores[bad[1L, 1L], ]), collapse = ", "), call. = FALSE
    )
  }
}

# Both functions must tell the same, because explanations are made of the decisions.
check_agreement <- function(team, model, rows, classes) {
  if (is.null(team$decide) || !classes) return(invisible())
  link <- if (classes == 2L) "logistic" else "softmax"
  expected <- apply_link(link, team_decisions(team, model, rows, classes))
  apart <- abs(team_scores(team, model, rows, classes) - expected)
  bad <- which(apart > 1e-9, arr.ind = TRUE)
  if (length(bad)) {
    stop(
      "predict_model and decide_model disagree on row ", bad[1L, 1L], ": probabilities must be ",
      if (classes == 2L) "plogis of the log-odds" else "the softmax of the decisions",
      "; mend one, or leave decide_model out and do without explanations",
      call. = FALSE
    )
  }
}
