package demo

import (
	"bufio"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode"
)

// Leak is a planted secret, device id or query string that stands in a log.
type Leak struct {
	File string
	Line int
	What string // its kind, never its text
}

// ScanLogs looks for the canaries (text → kind) in every file below the folders. A canary is one word: letters, digits, '-' and '_'.
func ScanLogs(folders []string, canaries map[string]string) ([]Leak, error) {
	var leaks []Leak
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(file string, entry fs.DirEntry, err error) error {
			if err != nil || !entry.Type().IsRegular() {
				return err
			}
			found, err := scanLog(file, canaries)
			leaks = append(leaks, found...)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("scan the logs below %s: %w", folder, err)
		}
	}
	return leaks, nil
}

func scanLog(file string, canaries map[string]string) ([]Leak, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var leaks []Leak
	lines := bufio.NewScanner(f)
	lines.Buffer(make([]byte, 64<<10), 16<<20)
	for number := 1; lines.Scan(); number++ {
		for _, word := range strings.FieldsFunc(lines.Text(), notInWord) {
			if kind, planted := canaries[word]; planted {
				leaks = append(leaks, Leak{File: file, Line: number, What: kind})
			}
		}
	}
	return leaks, lines.Err()
}

func notInWord(r rune) bool {
	return r != '-' && r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
}
