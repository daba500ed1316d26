# The model server in R: GET /ping and POST /invocations, as modelyard.serving answers them.

max_body_bytes <- 25L * 1024L * 1024L
attributes_header <- "x-amzn-sagemaker-custom-attributes"

# A loaded model as a function from a body to its answer.
scoring <- function(settings) {
  folder <- settings$model
  manifest <- jsonlite::read_json(file.path(folder, "manifest.json"), simplifyVector = FALSE)
  contract <- read_contract(manifest$contract)
  arithmetic <- read_arithmetic(folder)
  classes <- length(contract$labels)
  explanation <- file.path(folder, "explanation.json")
  document <- if (file.exists(explanation)) jsonlite::read_json(explanation, simplifyVector = FALSE)
  if (is.null(arithmetic)) {
    team <- team_code(settings$code)
    model <- read_plain(file.path(folder, "model.r.json"))
  }
  score <- function(arrays) {
    if (!is.null(arithmetic)) return(apply_link(arithmetic$link, decide(arithmetic, arrays)))
    team_scores(team, model, as_rows(arrays, contract$columns), classes)
  }
  list(
    parse = function(content_type, text) {
      if (content_type == "text/csv") csv_request(text, contract) else json_request(text, contract)
    },
    answer = function(asked) {
      if (asked$explain && (is.null(document) || is.null(arithmetic))) {
        refuse(
          400L, "this model has no exact explanation: it is neither a sum of one term per column ",
          "nor made of trees that each split on single columns"
        )
      }
      scores <- tryCatch(score(asked$arrays), error = function(error) {
        refuse(400L, "the model cannot score these rows: ", sub("\n.*", "", conditionMessage(error)))
      })
      list(
        predictions = predictions_json(scores, contract),
        explanations = if (asked$explain) {
          explanations_json(explained(arithmetic, document, asked$arrays), scores)
        }
      )
    }
  )
}

application <- function(model, package, capture = NULL) {
  version <- sub(".*model-package/", "", package)
  invoke <- function(request) {
    type <- tolower(trimws(sub(";.*", "", request$CONTENT_TYPE %||% "")))
    stated <- stated_id(request)
    id <- if (nzchar(stated)) stated else made_id(package)
    passport <- paste0("model_package=", version, ";inference_id=", id)
    answered(passport, {
      if (!type %in% c("application/json", "text/csv")) {
        refuse(415L, "content type '", type, "' is not known; send application/json or text/csv")
      }
      body <- request$rook.input$read()
      if (length(body) > max_body_bytes) too_large()
      text <- body_text(body)
      found <- model$answer(model$parse(type, text))
      answer <- paste0(
        '{"predictions": ', found$predictions, ', "model_package": ', text_json(package),
        ', "inference_id": ', text_json(id),
        if (!is.null(found$explanations)) paste0(', "explanations": ', found$explanations), "}"
      )
      if (!is.null(capture)) capture(type, text, answer, id)
      answer
    })
  }
  list(
    onHeaders = function(request) {
      length <- suppressWarnings(as.numeric(request$CONTENT_LENGTH %||% "0"))
      if (!is.na(length) && length > max_body_bytes) answered(NULL, too_large())
    },
    call = function(request) {
      route <- paste(request$REQUEST_METHOD, request$PATH_INFO)
      if (route == "GET /ping") return(answered(NULL, "{}"))
      if (route == "POST /invocations") {
        return(tryCatch(invoke(request), refusal = function(one) answered(NULL, stop(one))))
      }
      answered(NULL, if (request$PATH_INFO %in% c("/ping", "/invocations")) {
        refuse(405L, request$PATH_INFO, " does not answer ", request$REQUEST_METHOD)
      } else {
        refuse(404L, "only /ping and /invocations are here")
      })
    }
  )
}

too_large <- function() {
  refuse(413L, "the body is over ", max_body_bytes, " bytes; send fewer rows at once")
}

# The response of an expression that gives a body or refuses; a defect is told in the log.
answered <- function(passport, expression) {
  status <- 200L
  body <- tryCatch(expression, error = function(error) {
    status <<- if (inherits(error, "refusal")) error$status else 500L
    reason <- if (status == 500L) "the server failed; its log says why" else conditionMessage(error)
    if (status == 500L) message("error: ", conditionMessage(error))
    object_json('"error"', text_json(reason))
  })
  # httpuv writes head and body apart, and TCP holds the second back (40 ms) on a used connection.
  headers <- list("content-type" = "application/json", connection = "close")
  if (!is.null(passport)) headers[[attributes_header]] <- passport
  list(status = status, headers = headers, body = enc2utf8(body))
}

# The caller's own id of this inference, by either header; empty where there is none.
stated_id <- function(request) {
  stated <- request$HTTP_X_AMZN_SAGEMAKER_INFERENCE_ID
  if (is.null(stated)) {
    given <- request$HTTP_X_AMZN_SAGEMAKER_CUSTOM_ATTRIBUTES %||% ""
    parts <- trimws(strsplit(given, ";", fixed = TRUE)[[1L]])
    named <- parts[startsWith(parts, "inference_id=")]
    stated <- if (length(named)) sub("inference_id=", "", named[1L], fixed = TRUE) else ""
  }
  if (nchar(stated, "bytes") > 64L || grepl("[^ -~]|;", stated, useBytes = TRUE)) {
    refuse(400L, "the inference id must be up to 64 ASCII characters without ';'")
  }
  stated
}

made_id <- function(package) {
  version <- sub(".*/", "", package)
  number <- if (grepl("^[0-9]{1,9}$", version)) version else "0"
  paste(number, format(Sys.time(), "%Y%m%dT%H%M%SZ", tz = "UTC"), random_hex(8L), sep = "-")
}

# Serves until it is interrupted; what has been asked by then is answered.
serve <- function(settings) {
  capture <- if (identical(settings$capture, "log")) capture_log()
  app <- application(scoring(settings), settings$package, capture)
  server <- httpuv::startServer("0.0.0.0", as.integer(settings$port), app, quiet = TRUE)
  cat("serving ", settings$package, " on port ", settings$port, " in R ",
    as.character(getRversion()), "\n", sep = "")
  flush(stdout())
  tryCatch(repeat httpuv::service(1000L), interrupt = function(asked) NULL)
  httpuv::stopServer(server)
}
