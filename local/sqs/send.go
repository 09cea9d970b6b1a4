package sqs

import (
	"context"
	"crypto/md5"
	"encoding/binary"
	"encoding/hex"
	"maps"
	"regexp"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

// Limits of the service's reference: entries in a batch, bytes in a message and in a whole batch, attributes of a message.
const (
	maxEntries    = 10
	maxBatch      = 1 << 20
	maxAttributes = 10
)

// sendEntry is one message to send, alone or in a batch.
type sendEntry struct {
	Id                string
	MessageBody       *string
	DelaySeconds      *int
	MessageAttributes map[string]Attribute
}

type sendInput struct {
	onQueue
	sendEntry
}

type sent struct {
	Id                     string `json:",omitempty"`
	MessageId              string
	MD5OfMessageBody       string
	MD5OfMessageAttributes string `json:",omitempty"`
}

func (s *Server) sendMessage(_ context.Context, in sendInput) (sent, error) {
	var out sent
	err := s.locked(in.QueueUrl, func(q *Queue) (err error) {
		out, err = q.accept(in.sendEntry)
		return err
	})
	return out, err
}

// accept stores a message that may be stored.
func (q *Queue) accept(e sendEntry) (sent, error) {
	if err := q.check(e); err != nil {
		return sent{}, err
	}
	if q.server.faults.refuses() {
		return sent{}, unavailable()
	}
	return q.send(e), nil
}

type sendBatchInput struct {
	onQueue
	Entries []sendEntry
}

func (s *Server) sendMessageBatch(_ context.Context, in sendBatchInput) (*batchOutput[sent], error) {
	out := newBatchOutput[sent]()
	return out, s.locked(in.QueueUrl, func(q *Queue) error {
		total := 0
		for _, e := range in.Entries {
			total += e.size()
		}
		if total > maxBatch {
			return batchError("BatchRequestTooLong", "Batch requests cannot be longer than %d bytes. You have sent %d bytes.", maxBatch, total)
		}
		return runBatch(in.Entries, func(e sendEntry) string { return e.Id }, out, q.accept)
	})
}

// check refuses what the queue may not hold.
func (q *Queue) check(e sendEntry) error {
	if e.MessageBody == nil {
		return missing("MessageBody")
	}
	if *e.MessageBody == "" {
		return invalidValue("One or more parameters are invalid. Reason: Message must be at least one character.")
	}
	if size := e.size(); size > q.settings.maxSize {
		return invalidValue("One or more parameters are invalid. Reason: Message must be shorter than %d bytes.", q.settings.maxSize)
	}
	if e.DelaySeconds != nil && (*e.DelaySeconds < 0 || *e.DelaySeconds > 900) {
		return invalidValue("Value %d for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.", *e.DelaySeconds)
	}
	if len(e.MessageAttributes) > maxAttributes {
		return invalidValue("Number of message attributes [%d] exceeds the allowed maximum [%d].", len(e.MessageAttributes), maxAttributes)
	}
	if !allowed(*e.MessageBody) {
		return refuse("InvalidMessageContents", "InvalidMessageContents", "The message contains characters outside the allowed set.")
	}
	return checkAttributes(e.MessageAttributes)
}

var attributeType = regexp.MustCompile(`^(String|Number|Binary)(\..+)?$`)

func checkAttributes(attributes map[string]Attribute) error {
	for name, a := range attributes {
		if !attributeType.MatchString(a.DataType) || (a.StringValue == nil) == (a.BinaryValue == nil) {
			return invalidValue("The message attribute '%s' must have a type of String, Number or Binary and a value of that type.", name)
		}
	}
	return nil
}

// allowed reports whether a text keeps to the characters of XML 1.0, which is all that SQS carries.
func allowed(text string) bool {
	for _, r := range text {
		ok := r == '\t' || r == '\n' || r == '\r' || r >= 0x20 && r <= 0xD7FF || r >= 0xE000 && r <= 0xFFFD || r >= 0x10000
		if !ok {
			return false
		}
	}
	return utf8.ValidString(text)
}

func (e sendEntry) size() int {
	n := 0
	if e.MessageBody != nil {
		n = len(*e.MessageBody)
	}
	for name, a := range e.MessageAttributes {
		n += len(name) + len(a.DataType) + len(a.BinaryValue)
		if a.StringValue != nil {
			n += len(*a.StringValue)
		}
	}
	return n
}

// send stores a message that was checked.
func (q *Queue) send(e sendEntry) sent {
	sum := md5.Sum([]byte(*e.MessageBody))
	m := Message{ID: uuid.NewString(), Body: *e.MessageBody, BodyMD5: hex.EncodeToString(sum[:]),
		SentAt: q.server.options.Clock.Now(), Attributes: e.MessageAttributes}
	delay := q.settings.delay
	if e.DelaySeconds != nil {
		delay = time.Duration(*e.DelaySeconds) * time.Second
	}
	q.add(m, delay, q.server.faults.duplicates())
	return sent{Id: e.Id, MessageId: m.ID, MD5OfMessageBody: m.BodyMD5, MD5OfMessageAttributes: attributesMD5(m.Attributes)}
}

// attributesMD5 digests message attributes as the service documents it: name, type, kind byte and value of each in the
// order of names, every text and value preceded by its length. It is "" without attributes.
func attributesMD5(attributes map[string]Attribute) string {
	if len(attributes) == 0 {
		return ""
	}
	var text []byte
	add := func(value []byte) {
		text = binary.BigEndian.AppendUint32(text, uint32(len(value)))
		text = append(text, value...)
	}
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		a := attributes[name]
		add([]byte(name))
		add([]byte(a.DataType))
		if a.StringValue != nil {
			text = append(text, 1)
			add([]byte(*a.StringValue))
		} else {
			text = append(text, 2)
			add(a.BinaryValue)
		}
	}
	sum := md5.Sum(text)
	return hex.EncodeToString(sum[:])
}
