//go:build unix

package access_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/compliance/access"
	"github.com/voicehive/voicehive/compliance/calls"
	"github.com/voicehive/voicehive/compliance/consent"
	"github.com/voicehive/voicehive/compliance/rights"
)

// TestThirdPersonsAreMasked: what is the guest's own stays, and what is about
// somebody else goes, in every place where it can be said.
func TestThirdPersonsAreMasked(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	booking := h.book(ada)
	for name, test := range map[string]struct {
		said  []string
		stays []string
		goes  []string
	}{
		"own name": {
			said: []string{"Mein Name ist Ada Lovelace."}, stays: []string{"Ada Lovelace"},
		},
		"own phone and e-mail": {
			said: []string{"Meine Nummer ist +49 151 12345678, und meine E-Mail ada@example.com."}, stays: []string{"12345678", "ada@example.com"},
		},
		"another's name": {
			said: []string{"Ich komme mit meinem Mann, Bruno Sattelmann."}, stays: []string{"Ich komme mit"}, goes: []string{"Bruno", "Sattelmann"},
		},
		"another's e-mail": {
			said: []string{"Schreiben Sie auch an bruno.sattelmann@example.net, bitte."}, stays: []string{"Schreiben Sie"}, goes: []string{"bruno", "sattelmann", "example.net"},
		},
		"another's phone": {
			said: []string{"Mein Mann hat die Nummer +49 160 87654321."}, stays: []string{"hat die Nummer"}, goes: []string{"87654321"},
		},
		"both in one sentence": {
			said: []string{"Ich bin Ada Lovelace, und das Zimmer ist für Bruno Sattelmann."}, stays: []string{"Ada Lovelace"}, goes: []string{"Bruno", "Sattelmann"},
		},
		"introduced once, called by the first name later": {
			said:  []string{"Das Zimmer ist für Bruno Sattelmann.", "agent: Wann kommt er?", "Bruno kommt am Abend.", "agent: Gut.", "Herr Sattelmann braucht eine Rechnung."},
			stays: []string{"kommt am Abend", "braucht eine Rechnung"}, goes: []string{"Bruno", "Sattelmann"},
		},
		"called by the first name before the introduction": {
			said:  []string{"Bruno kommt später.", "agent: Wer?", "Das ist mein Mann, er heißt Bruno Sattelmann."},
			stays: []string{"kommt später"}, goes: []string{"Bruno", "Sattelmann"},
		},
		"a number in two turns": {
			said: []string{"Mein Mann hat die Nummer +49 160", "876 543 21, rufen Sie ihn an."}, stays: []string{"rufen Sie ihn an"}, goes: []string{"876", "543"},
		},
		"said by the agent": {
			said:  []string{"Für meinen Mann, Bruno Sattelmann.", "agent: Ich notiere Bruno Sattelmann.", "Ja."},
			stays: []string{"Ich notiere"}, goes: []string{"Bruno", "Sattelmann"},
		},
		"the same family name": {
			said: []string{"Ich bin Ada Lovelace. Mein Sohn heißt Byron Lovelace."}, stays: []string{"Ada Lovelace"}, goes: []string{"Byron"},
		},
		"nobody": {
			said: []string{"Ein Doppelzimmer für zwei Nächte, bitte, am 3. März."}, stays: []string{"Ein Doppelzimmer für zwei Nächte, bitte, am 3. März."},
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := h.talk(test.said...)
			all := h.unpack(h.build(h.open(rights.Access, booking, c.ID), false))
			for _, file := range []string{"transcript.json", "transcript.html"} {
				said := string(all["calls/"+c.ID+"/"+file])
				for _, own := range test.stays {
					require.Contains(t, said, own)
				}
				for _, others := range test.goes {
					require.NotContains(t, strings.ToLower(said), strings.ToLower(others))
				}
			}
		})
	}
}

// TestNothingOfAnotherGuestInThePack: whatever is known of another guest, who
// is spoken of in the same call and stays in the same booking, no byte of the
// pack tells it.
func TestNothingOfAnotherGuestInThePack(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	with := ada
	with.Comment = "Zimmer neben Bruno Sattelmann, Tel. +49 160 87654321"
	booking := h.book(with)
	brunos := h.book(bruno)
	h.message(brunos)
	companion, err := h.Desk.AddCompanion(t.Context(), aurora, booking, bruno.person())
	require.NoError(t, err)
	c := h.talk(
		"Hier ist Ada Lovelace, ich rufe für Bruno Sattelmann an.", "agent: Seine Nummer?", "Die ist +49 160 87654321.",
		"agent: Und seine E-Mail-Adresse?", "bruno.sattelmann@example.net", "agent: Danke.", "Bruno freut sich.")
	h.record(c, wave(30), 30*time.Second)
	note := h.Said(aurora, c, consent.Marketing, consent.Given, 30*time.Second)
	note.Detail = "Ja, auch für Bruno Sattelmann."
	h.Append(note)

	p := h.build(h.open(rights.Access, booking, c.ID), false)
	require.Positive(t, p.Masked)
	all := h.unpack(p)
	for name, text := range all {
		for _, value := range []string{"Bruno", "Sattelmann", "87654321", "8765 4321", "example.net", brunos, companion} {
			require.NotContains(t, strings.ToLower(string(text)), strings.ToLower(value), name)
		}
	}
	require.Contains(t, string(all["data.json"]), "Zimmer neben")

	// And hers is not in his.
	his := h.unpack(h.build(h.open(rights.Access, brunos, companion), false))
	for name, text := range his {
		for _, value := range []string{"Lovelace", "ada@example.com", "12345678", booking, c.ID} {
			require.NotContains(t, string(text), value, name)
		}
	}
	require.Contains(t, string(his["data.json"]), "Sattelmann")
}

// loud are the seconds of a WAVE file in which something can be heard.
func loud(t *testing.T, file []byte) (seconds []bool) {
	t.Helper()
	_, samples, found := bytes.Cut(file, []byte("data"))
	require.True(t, found)
	samples = samples[4:]
	for s := range len(samples) / 16000 {
		quiet := true
		for i := range 8000 {
			quiet = quiet && binary.LittleEndian.Uint16(samples[s*16000+2*i:]) == 0
		}
		seconds = append(seconds, !quiet)
	}
	return seconds
}

// TestOthersAreNotHeard: where a turn was masked the recording is silent, a
// little before and after it too, and nowhere else.
func TestOthersAreNotHeard(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	booking := h.book(ada)
	// Turns begin at 10, 12 and 14 s of the call and last a second; the
	// recording begins at 10 s.
	c := h.talk("Hier ist Ada Lovelace.", "Mein Mann heißt Bruno Sattelmann.", "Zwei Nächte, bitte.")
	h.record(c, wave(6), 6*time.Second)
	p := h.build(h.open(rights.Access, booking, c.ID), false)
	require.Zero(t, p.Withheld)
	all := h.unpack(p)
	file := all["calls/"+c.ID+"/audio-10000.wav"]
	require.Len(t, file, len(wave(6)))
	require.Equal(t, []bool{true, true, false, true, true, true}, loud(t, file))
	// A quarter of a second on each side.
	samples := file[44:]
	require.Zero(t, binary.LittleEndian.Uint16(samples[2*(8000*2-1000):]))
	require.NotZero(t, binary.LittleEndian.Uint16(samples[2*(8000*2-3000):]))
	require.Zero(t, binary.LittleEndian.Uint16(samples[2*(8000*3+1000):]))
	require.NotZero(t, binary.LittleEndian.Uint16(samples[2*(8000*3+3000):]))
	talks := decode(t, all["data.json"])["calls"].([]any)
	require.EqualValues(t, 1, talks[0].(map[string]any)["recordings"].([]any)[0].(map[string]any)["muted"])
}

func TestRecordingsThatNobodyCanVouchForAreWithheld(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	booking := h.book(ada)
	ogg := append([]byte("OggS"), bytes.Repeat([]byte("sound"), 1000)...)
	for name, test := range map[string]struct {
		said     []string
		sound    []byte
		withheld string
		file     string
	}{
		"plain, alone":           {[]string{"Zwei Nächte, bitte."}, wave(2), "", "audio-10000.wav"},
		"packed, alone":          {[]string{"Zwei Nächte, bitte."}, ogg, "", "audio-10000.ogg"},
		"packed, with another":   {[]string{"Mein Mann heißt Bruno Sattelmann."}, ogg, "others_audible", ""},
		"what is said is unread": {nil, wave(2), "not_transcribed", ""},
		"a broken head":          {[]string{"Mein Mann heißt Bruno Sattelmann."}, []byte("RIFF\xff\xff\xff\xffWAVEfmt \xff\xff\xff\xff"), "others_audible", ""},
		"a short file":           {[]string{"Zwei Nächte, bitte."}, []byte("RI"), "", "audio-10000.bin"},
	} {
		t.Run(name, func(t *testing.T) {
			c := h.talk(test.said...)
			h.record(c, test.sound, 2*time.Second)
			p := h.build(h.open(rights.Access, booking, c.ID), false)
			all := h.unpack(p)
			valid(t, all["data.json"])
			var data struct{ Calls []access.Call }
			require.NoError(t, json.Unmarshal(all["data.json"], &data))
			recording := data.Calls[0].Recordings[0]
			require.Equal(t, test.withheld, recording.Withheld)
			if test.withheld != "" {
				require.Equal(t, 1, p.Withheld)
				for name := range all {
					require.NotContains(t, name, "audio")
				}
				return
			}
			require.Equal(t, test.sound, all["calls/"+c.ID+"/"+test.file])
		})
	}
}

// TestALongCallIsWhole: turns are looked through in pieces, and none is lost or
// comes twice.
func TestALongCallIsWhole(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	said := make([]string, 450)
	for i := range said {
		said[i] = "Ja."
	}
	c := h.Call(aurora, 30*time.Minute)
	h.Append(h.Said(aurora, c, consent.Transcription, consent.Given, 9*time.Second))
	for i, text := range said {
		at := time.Duration(i) * 2 * time.Second
		require.NoError(t, h.Calls.AddTurn(t.Context(), aurora, calls.Turn{Call: c.ID, Seq: i + 1, Speaker: calls.Caller, Text: text, From: at, To: at + time.Second}))
	}
	var transcript access.Transcript
	require.NoError(t, json.Unmarshal(h.unpack(h.build(h.open(rights.Access, c.ID), false))["calls/"+c.ID+"/transcript.json"], &transcript))
	require.Len(t, transcript.Turns, len(said))
	for i, turn := range transcript.Turns {
		require.Equal(t, i+1, turn.Seq)
	}
}
