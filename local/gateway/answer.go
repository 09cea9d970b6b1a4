package gateway

import (
	"encoding/base64"
	"encoding/json"
	"net/http"

	"github.com/aws/aws-lambda-go/events"
)

// answer writes what the function returned: a response object, or any other JSON, which is then the body of a 200.
func answer(w http.ResponseWriter, payload []byte) {
	var response events.APIGatewayV2HTTPResponse
	if err := json.Unmarshal(payload, &response); err != nil || response.StatusCode == 0 {
		if !json.Valid(payload) {
			refuse(w, http.StatusInternalServerError, "Internal Server Error")
			return
		}
		response = events.APIGatewayV2HTTPResponse{StatusCode: http.StatusOK, Body: string(payload)}
	}
	body := []byte(response.Body)
	if response.IsBase64Encoded {
		var err error
		if body, err = base64.StdEncoding.DecodeString(response.Body); err != nil {
			refuse(w, http.StatusInternalServerError, "Internal Server Error")
			return
		}
	}
	if response.StatusCode < 100 || response.StatusCode > 599 {
		refuse(w, http.StatusInternalServerError, "Internal Server Error")
		return
	}
	w.Header().Set("Content-Type", "application/json")
	for name, value := range response.Headers {
		w.Header().Set(name, value)
	}
	for _, cookie := range response.Cookies {
		w.Header().Add("Set-Cookie", cookie)
	}
	w.WriteHeader(response.StatusCode)
	_, _ = w.Write(body) // a client that is gone reads no answer
}
