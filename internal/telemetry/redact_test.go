package telemetry_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/voicehive/voicehive/internal/telemetry"
)

// logged is what a line says, by key.
func logged(t *testing.T, write func(*slog.Logger), redactors ...telemetry.Redactor) (line map[string]any, raw string) {
	t.Helper()
	var out bytes.Buffer
	write(telemetry.Logger(&out, slog.LevelDebug, "json", redactors...))
	require.NoError(t, json.Unmarshal(out.Bytes(), &line))
	return line, out.String()
}

func TestLogTextsAreRedacted(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                        "",
		"room is gone":                            "room is gone",
		"ada.lovelace+x@example.co.uk called":     "[e-mail] called",
		"mailto:ada%40example.com":                "mailto:[e-mail]",
		"jürgen@müller.de":                        "[e-mail]",
		"call +49 30 901820":                      "call [number]",
		"(030) 90 18 20":                          "[number]",
		"card 4111 1111 1111 1111!":               "card [number]!",
		"4111-1111-1111-1111":                     "[number]",
		"DE89 3704 0044 0532 0130 00":             "[account]",
		"GB29NWBK60161331926819":                  "[account]",
		"Authorization: Bearer abcdefgh.ijkl-mno": "Authorization: [secret]",
		"postgres://hive:hunter2@db/ledger":       "postgres[secret]db/ledger",
		"passport 123456789":                      "passport [number]",
		// What operations need stays.
		"arrival 2026-11-22, 3 nights, 412.50 EUR":           "arrival 2026-11-22, 3 nights, 412.50 EUR",
		"2026-11-22T10:11:12Z":                               "2026-11-22T10:11:12Z",
		"dial tcp 192.168.100.200:54321: connection refused": "dial tcp 192.168.100.200:54321: connection refused",
		"run 4a5f8c1e-9d0b-4a52-8b44-0d2d1c7b9f10":           "run 4a5f8c1e-9d0b-4a52-8b44-0d2d1c7b9f10",
		"booking/seaview/01JD8Z3V5QK7M2N4P6R8S0T1WX":         "booking/seaview/01JD8Z3V5QK7M2N4P6R8S0T1WX",
		"took 123456 ms at 0xc000123456789":                  "took 123456 ms at 0xc000123456789",
	} {
		line, _ := logged(t, func(l *slog.Logger) { l.Info(text, "text", text, "error", errors.New(text)) })
		require.Equal(t, want, line["msg"], text)
		require.Equal(t, want, line["text"], text)
		require.Equal(t, want, line["error"], text)
	}
}

type guestCard struct{ Name, Phone string }

type room string

func TestLogValuesOfAllKinds(t *testing.T) {
	t.Parallel()
	const phone = "+49 151 2345678"
	line, raw := logged(t, func(l *slog.Logger) {
		l.With("with", phone, slog.Group("caller", "phone", phone)).WithGroup("g").Info("x",
			"struct", guestCard{"Lovelace", phone}, "pointer", &guestCard{"Lovelace", phone}, "map", map[string]string{"phone": phone},
			"bytes", []byte(phone), "texts", []string{phone, "fine"}, "named", room(phone), "wrapped", fmt.Errorf("no: %w", errors.New(phone)),
			"stringer", netip.MustParseAddr("10.0.0.1"), "nil", nil,
			"n", 49151, "took", 1500*time.Millisecond, "at", time.Unix(0, 0).UTC(), "ok", true)
	})
	require.NotContains(t, raw, "2345678")
	require.NotContains(t, raw, "Lovelace")
	require.Equal(t, "[number]", line["with"])
	require.Equal(t, map[string]any{"phone": "[number]"}, line["caller"])
	require.Equal(t, map[string]any{
		"struct": "[hidden telemetry_test.guestCard]", "pointer": "[hidden *telemetry_test.guestCard]", "map": "[hidden map[string]string]",
		"bytes": "[hidden []uint8]", "texts": []any{"[number]", "fine"}, "named": "[number]", "wrapped": "no: [number]",
		"stringer": "10.0.0.1", "nil": nil,
		"n": 49151.0, "took": 1.5e9, "at": "1970-01-01T00:00:00Z", "ok": true,
	}, line["g"])
}

// broken cannot tell its text when it is nil.
type broken struct{ text string }

func (b *broken) Error() string { return b.text }

func TestAValueWithoutATextEndsNothing(t *testing.T) {
	t.Parallel()
	line, _ := logged(t, func(l *slog.Logger) { l.Info("x", "error", (*broken)(nil)) })
	require.Equal(t, "[hidden *telemetry_test.broken]", line["error"])
}

func TestIDsStayWhereTheyAreExpected(t *testing.T) {
	t.Parallel()
	line, _ := logged(t, func(l *slog.Logger) {
		l.Info("x", "RunID", "40e6f1ab-12345678-0000-8b44-0d2d1c7b9f10", "reservation", "QWERTY-1234567-1", "hotel", "491512345678", "other", "QWERTY-1234567-1")
	})
	require.Equal(t, "40e6f1ab-12345678-0000-8b44-0d2d1c7b9f10", line["RunID"])
	require.Equal(t, "QWERTY-1234567-1", line["reservation"])
	require.Equal(t, "[number]", line["hotel"], "nobody's id is digits alone")
	require.NotEqual(t, "QWERTY-1234567-1", line["other"])
}

type names struct{}

func (names) Redact(text string) string { return strings.ReplaceAll(text, "Lovelace", "[name]") }

func TestAnotherRedactorPlugsIn(t *testing.T) {
	t.Parallel()
	line, _ := logged(t, func(l *slog.Logger) { l.Info("Mrs Lovelace, ada@example.com", "id", "Lovelace") }, names{})
	require.Equal(t, "Mrs [name], [e-mail]", line["msg"])
	require.Equal(t, "[name]", line["id"])
}

func FuzzRedact(f *testing.F) {
	f.Add("call +49 30 901820 or ada@example.com")
	f.Fuzz(func(t *testing.T, text string) {
		for _, planted := range []string{"ada.lovelace@example.com", "+49 151 23456789"} {
			line, _ := logged(t, func(l *slog.Logger) { l.Info(text + " " + planted + " ") })
			require.NotContains(t, line["msg"], planted)
		}
	})
}
