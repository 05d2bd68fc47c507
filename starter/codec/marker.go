package codec

import (
	"encoding/json"
	"errors"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"

	"github.com/voicehive/voicehive/internal/temporal"
)

// What became of a payload: the names stand in markers, metrics and the audit
// log.
const (
	opened      = "opened"
	withheld    = "withheld"
	foreign     = "foreign"
	erased      = "erased"
	unavailable = "unavailable"
	damaged     = "damaged"
	plain       = "plain"
)

// reasons are what a reader of the Web UI is told, with the next step.
var reasons = map[string]string{
	withheld:    "your role may not open this; a compliance officer of the hotel may",
	foreign:     "your token gives you no role at the hotel that this belongs to",
	unavailable: "the key cannot be reached just now; reload the page in a moment",
	damaged:     "this does not open: it was changed or moved, or its key was never here; tell the people who run VoiceHive",
}

// A Marker stands where a payload stays closed. The Web UI shows it as JSON.
type Marker struct {
	// Sealed names the key; "" when the payload names none.
	Sealed string `json:"sealed,omitempty"`
	// Kind is withheld, foreign, unavailable or damaged.
	Kind string `json:"kind"`
	// Bytes is the length of the sealed data.
	Bytes int    `json:"bytes"`
	Why   string `json:"why"`
}

// outcome names what became of a payload.
func outcome(o temporal.Opened, mine bool) string {
	switch {
	case errors.Is(o.Err, temporal.ErrPlaintext), o.Err == nil && o.KeyID == "":
		return plain
	case o.KeyID != "" && hotelOf(o.KeyID) == "":
		return damaged // no key is named like that
	case o.KeyID != "" && !mine:
		return foreign
	case o.Err == nil && temporal.IsErased(o.Payload):
		return erased
	case o.Err == nil:
		return opened
	case errors.Is(o.Err, temporal.ErrWithheld):
		return withheld
	case errors.Is(o.Err, temporal.ErrKeyNotLoaded):
		return unavailable
	}
	return damaged
}

// answerTo is the payload that the browser gets for one that it sent.
func answerTo(sent *commonpb.Payload, o temporal.Opened, what string) *commonpb.Payload {
	switch what {
	case opened, erased:
		return o.Payload
	case plain:
		return sent // what nobody sealed is the browser's already
	}
	text, err := json.Marshal(Marker{Sealed: shown(o.KeyID), Kind: what, Bytes: len(sent.GetData()), Why: reasons[what]})
	if err != nil {
		text = []byte("{}") // cannot be: a marker holds texts and a number
	}
	return &commonpb.Payload{
		Metadata: map[string][]byte{converter.MetadataEncoding: []byte(converter.MetadataEncodingJSON)},
		Data:     text,
	}
}

// shown repeats a key's id only when it is of the form of one: it comes from
// the request and may be anything.
func shown(keyID string) string {
	if hotelOf(keyID) == "" {
		return ""
	}
	return keyID
}
