package sqs_test

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"backstop/ingest"
	"backstop/ingest/sqs"
)

var _ ingest.Queue = (*sqs.Queue)(nil)

// queueAt is a queue before a server that speaks SQS's JSON protocol.
func queueAt(t *testing.T, answer http.HandlerFunc) *sqs.Queue {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	cfg := aws.Config{Region: "us-east-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("id", "secret", "")}
	return sqs.NewQueue(cfg, server.URL+"/000000000000/backstop-postbacks")
}

func TestSendHandsTheMessageOver(t *testing.T) {
	const message = `{"v":1,"text":"é \" \u0001"}`
	var sent struct{ QueueUrl, MessageBody string }
	queue := queueAt(t, func(w http.ResponseWriter, r *http.Request) {
		if target := r.Header.Get("X-Amz-Target"); target != "AmazonSQS.SendMessage" {
			t.Errorf("called %s", target)
		}
		if err := json.NewDecoder(r.Body).Decode(&sent); err != nil {
			t.Error(err)
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		io.WriteString(w, `{"MessageId":"m","MD5OfMessageBody":"`+md5Of(message)+`"}`)
	})
	if err := queue.Send(t.Context(), []byte(message)); err != nil {
		t.Fatal(err)
	}
	if sent.MessageBody != message || !strings.HasSuffix(sent.QueueUrl, "/000000000000/backstop-postbacks") {
		t.Errorf("sent %+v", sent)
	}
}

// md5Of is what SQS answers, and what the SDK holds against the body that it sent.
func md5Of(s string) string {
	sum := md5.Sum([]byte(s))
	return hex.EncodeToString(sum[:])
}

func TestSendTellsARefusal(t *testing.T) {
	queue := queueAt(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		w.WriteHeader(http.StatusBadRequest)
		io.WriteString(w, `{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"The specified queue does not exist."}`)
	})
	err := queue.Send(t.Context(), []byte("canary"))
	if err == nil || !strings.Contains(err.Error(), "send a message of 6 bytes to SQS") || !strings.Contains(err.Error(), "QueueDoesNotExist") {
		t.Errorf("got %v", err)
	}
	if err != nil && strings.Contains(err.Error(), "canary") {
		t.Errorf("the error shows the message: %v", err)
	}
}

func TestSendEndsWithItsContext(t *testing.T) {
	release := make(chan struct{})
	queue := queueAt(t, func(http.ResponseWriter, *http.Request) { <-release })
	defer close(release)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := queue.Send(ctx, []byte("x")); err == nil {
		t.Error("sent by nobody")
	}
}
