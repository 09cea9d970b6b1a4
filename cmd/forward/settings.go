package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// settings are the function's environment.
type settings struct {
	routes          string // BACKSTOP_ROUTES
	postbacksStream string // BACKSTOP_POSTBACKS_STREAM
	forwardsStream  string // BACKSTOP_FORWARDS_STREAM
	archiveBucket   string // BACKSTOP_ARCHIVE_BUCKET
	maxReceives     int    // BACKSTOP_MAX_RECEIVES, the queue's maxReceiveCount
	allowLoopback   bool   // BACKSTOP_ALLOW_LOOPBACK
}

func readSettings() (settings, error) {
	s := settings{
		routes:          os.Getenv("BACKSTOP_ROUTES"),
		postbacksStream: os.Getenv("BACKSTOP_POSTBACKS_STREAM"),
		forwardsStream:  os.Getenv("BACKSTOP_FORWARDS_STREAM"),
		archiveBucket:   os.Getenv("BACKSTOP_ARCHIVE_BUCKET"),
		allowLoopback:   os.Getenv("BACKSTOP_ALLOW_LOOPBACK") == "true",
	}
	if s.routes == "" {
		s.routes = filepath.Join(os.Getenv("LAMBDA_TASK_ROOT"), "routes.yaml")
	}
	for _, name := range []string{"BACKSTOP_POSTBACKS_STREAM", "BACKSTOP_FORWARDS_STREAM", "BACKSTOP_ARCHIVE_BUCKET"} {
		if os.Getenv(name) == "" {
			return s, fmt.Errorf("%s is not set; see the environment of ForwardFunction in deploy/template.yaml", name)
		}
	}
	var err error
	if s.maxReceives, err = strconv.Atoi(os.Getenv("BACKSTOP_MAX_RECEIVES")); err != nil || s.maxReceives < 1 {
		return s, fmt.Errorf("BACKSTOP_MAX_RECEIVES is %q; give it the queue's maxReceiveCount", os.Getenv("BACKSTOP_MAX_RECEIVES"))
	}
	return s, nil
}
