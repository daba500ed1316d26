# What the platform's jobs ask of R:
#   main.R train FOLDER     fit the team's model on the rows in FOLDER, write model.r.json there
#   main.R answer FOLDER    score rows in FOLDER for as long as standard input asks
#   main.R serve FOLDER     answer /ping and /invocations
# FOLDER/settings.json says the rest; why something failed is in FOLDER/failure.

options(warn = 1L, keep.source = TRUE, stringsAsFactors = FALSE)
suppressWarnings(RNGversion("4.0.0"))

arguments <- commandArgs(trailingOnly = TRUE)
folder <- arguments[2L]
script <- sub("--file=", "", grep("^--file=", commandArgs(), value = TRUE), fixed = TRUE)
for (file in list.files(dirname(script), pattern = "[.]R$", full.names = TRUE)) {
  if (basename(file) != "main.R") source(file, keep.source = FALSE)
}

read_settings <- function(folder) {
  settings <- jsonlite::read_json(file.path(folder, "settings.json"), simplifyVector = FALSE)
  settings$code <- normalizePath(settings$code)
  settings
}

train <- function(folder) {
  settings <- read_settings(folder)
  contract <- read_contract(settings$contract)
  given <- read_arrays(folder, contract$columns)
  classes <- length(contract$labels)
  rows <- as_rows(given$arrays, contract$columns)
  answers <- if (classes) {
    factor(contract$categories[given$answers + 1], levels = contract$categories)
  } else {
    given$answers
  }
  team <- team_code(settings$code)
  set.seed(settings$seed)
  made <- in_team_code(team$folder, team$build(
    list(rows = rows, answers = answers, weights = given$weights %||% rep(1, given$rows)),
    settings$contract,
    tuned_values(settings$hyperparameters, team$tuned)
  ))
  writeLines(plain_json(made), file.path(folder, "model.r.json"), useBytes = TRUE)
  model <- read_plain(file.path(folder, "model.r.json"))
  team_scores(team, model, rows, classes)
  check_agreement(team, model, rows, classes)
  about <- list(decides = !is.null(team$decide), versions = installed())
  jsonlite::write_json(about, file.path(folder, "about.json"), auto_unbox = TRUE)
}

# R itself, its linear algebra and every package that was used.
installed <- function() {
  used <- sort(setdiff(loadedNamespaces(), rownames(utils::installed.packages(priority = "base"))))
  versions <- lapply(used, function(name) as.character(utils::packageVersion(name)))
  names(versions) <- paste0("r-", tolower(used))
  c(
    list(r = as.character(getRversion()), "r: lapack" = La_version()),
    "r: blas" = basename(normalizePath(extSoftVersion()[["BLAS"]], mustWork = FALSE)),
    versions
  )
}

answer <- function(folder) {
  settings <- read_settings(folder)
  contract <- read_contract(settings$contract)
  team <- team_code(settings$code)
  model <- read_plain(settings$model)
  ask <- list(predict = team_scores, decide = team_decisions)
  input <- file("stdin", "r")
  while (length(line <- readLines(input, 1L))) {
    outcome <- tryCatch(
      {
        rows <- as_rows(read_arrays(folder, contract$columns)$arrays, contract$columns)
        write_scores(folder, ask[[line]](team, model, rows, length(contract$labels)))
        "done"
      },
      error = function(error) {
        writeLines(conditionMessage(error), file.path(folder, "failure"))
        "failed"
      }
    )
    cat("\n", settings$token, " ", outcome, "\n", sep = "")
    flush(stdout())
  }
}

status <- tryCatch(
  {
    switch(arguments[1L],
      train = train(folder),
      answer = answer(folder),
      serve = serve(read_settings(folder))
    )
    0L
  },
  error = function(error) {
    writeLines(conditionMessage(error), file.path(folder, "failure"))
    message("error: ", conditionMessage(error))
    1L
  }
)
quit(status = status)
