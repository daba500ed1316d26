# What project.yaml tunes about a model, typed by the defaults that model.R lists as `tuned`.

hyperparameters_key <- "project.yaml: training.hyperparameters"
kinds <- c(
  logical = "true or false", integer = "a whole number", double = "a number", character = "a text"
)

# The defaults, with what is stated in their place; stops at a name or value that is none of them.
# Code that lists no defaults gets the texts as they are.
tuned_values <- function(stated, defaults) {
  stated <- stated[setdiff(names(stated), "reweigh")]
  if (is.null(defaults)) return(stated)
  unknown <- setdiff(names(stated), names(defaults))
  if (length(unknown)) {
    close <- agrep(unknown[1L], names(defaults), max.distance = 0.3, value = TRUE)
    stop(
      hyperparameters_key, ".", unknown[1L], ": is not tuned by this model; ",
      if (length(close)) paste0("did you mean ", close[1L], "? "),
      "it has ", paste(sort(names(defaults)), collapse = ", "), ", and model.R can give it more",
      call. = FALSE
    )
  }
  defaults[names(stated)] <- lapply(names(stated), function(name) {
    tuned_value(name, stated[[name]], typeof(defaults[[name]]))
  })
  defaults
}

tuned_value <- function(name, text, kind) {
  value <- switch(kind,
    logical = list(true = TRUE, false = FALSE)[[tolower(text)]] %||% NA,
    integer = if (grepl("^[+-]?[0-9]+$", text)) as.integer(text) else NA,
    double = if (grepl(plain_number, text)) as.numeric(text) else NA,
    text
  )
  if (is.na(value)) {
    stop(
      hyperparameters_key, ".", name, ": '", text, "' is not ", kinds[[kind]], "; write one",
      call. = FALSE
    )
  }
  value
}
