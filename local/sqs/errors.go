package sqs

import (
	"fmt"
	"net/http"

	"backstop/local/awsjson"
)

// refuse makes the error of one of SQS's modelled shapes.
func refuse(shape, query, format string, args ...any) *awsjson.Error {
	return &awsjson.Error{Status: http.StatusBadRequest, Type: "com.amazonaws.sqs#" + shape, Query: query, Message: fmt.Sprintf(format, args...)}
}

// batchError makes an error whose query code carries the service's long prefix.
func batchError(shape, format string, args ...any) *awsjson.Error {
	return refuse(shape, "AWS.SimpleQueueService."+shape, format, args...)
}

// invalidValue is what SQS says of a parameter out of range; it is no modelled shape.
func invalidValue(format string, args ...any) *awsjson.Error {
	return &awsjson.Error{Status: http.StatusBadRequest, Type: "com.amazon.coral.service#InvalidParameterValueException",
		Query: "InvalidParameterValue", Message: fmt.Sprintf(format, args...)}
}

func missing(parameter string) *awsjson.Error {
	return &awsjson.Error{Status: http.StatusBadRequest, Type: "com.amazon.coral.service#MissingRequiredParameterException",
		Query: "MissingParameter", Message: "The request must contain the parameter " + parameter + "."}
}

func noSuchQueue() *awsjson.Error {
	return refuse("QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist.")
}

func notInFlight() *awsjson.Error {
	return batchError("MessageNotInflight", "The message is not in flight: its visibility timeout has passed or it was deleted.")
}

// unavailable is what a refused send looks like; SDKs try it again.
func unavailable() *awsjson.Error {
	return &awsjson.Error{Status: http.StatusServiceUnavailable, Type: "ServiceUnavailable", Query: "ServiceUnavailable",
		Message: "The request has failed due to a temporary failure of the server."}
}
