package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// runPII gives what a pii verb writes for its input.
func runPII(t *testing.T, input string, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	c := newPII()
	c.SetArgs(args)
	c.SetIn(strings.NewReader(input))
	c.SetOut(&out)
	c.SetErr(&out)
	c.SilenceUsage, c.SilenceErrors = true, true
	err := c.Execute()
	return out.String(), err
}

func TestPIIScan(t *testing.T) {
	t.Parallel()
	out, err := runPII(t, `{"id":"ä","text":"😀 Mueller, m.x@web.de","entities":["PERSON","EMAIL_ADDRESS"],"known":{"names":["Jürgen Müller"]}}
{"id":2,"text":"nothing here"}
`, "scan", "--format", "jsonl")
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	require.Len(t, lines, 2)
	require.Contains(t, lines[0], `{"id":"ä","spans":[{"type":"PERSON","start":2,"end":9,"score":1},{"type":"EMAIL_ADDRESS","start":11,"end":21,"score":`)
	require.Equal(t, `{"id":2,"spans":[]}`, lines[1])
}

func TestPIIBadLines(t *testing.T) {
	t.Parallel()
	out, err := runPII(t, "{\"id\":1}\nno json\n{\"id\":3,\"text\":\"my name is \xff\"}\n{\"id\":4,\"text\":\"x\",\"entities\":[\"NOTHING\"]}\n"+
		`{"id":5,"text":"`+strings.Repeat("Oduya ", 200_000)+"\"}\n"+`{"id":6,"text":"x","min_score":2}`+"\n"+strings.Repeat("x", maxPIILine+2)+"\n"+`{"id":8,"text":"x"}`, "scan")
	require.ErrorIs(t, err, errPIILines)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	require.Len(t, lines, 8)
	for i, line := range lines[:7] {
		require.Contains(t, line, `"error":`, i)
		require.NotContains(t, line, "Oduya")
		require.NotContains(t, line, `"spans"`)
	}
	require.Contains(t, lines[4], `{"id":5,`)
	require.Equal(t, `{"id":8,"spans":[]}`, lines[7])
}

func TestPIIRedact(t *testing.T) {
	t.Parallel()
	out, err := runPII(t, `{"id":1,"text":"je m'appelle Lucie Desmarets"}`+"\n", "redact")
	require.NoError(t, err)
	require.Equal(t, `{"id":1,"text":"je m'appelle <PERSON>"}`+"\n", out)
	_, err = runPII(t, "", "redact", "--sink", "transcript")
	require.Error(t, err, "there is no guest's key here")
}

func TestPIIValidate(t *testing.T) {
	t.Parallel()
	out, err := runPII(t, `{"id":1,"entity":"nl.bsn","value":"111222333"}
{"id":2,"entity":"CREDIT_CARD","value":"4539 1827 3645 0189"}
{"id":3,"entity":"PERSON","value":"Lucie"}
`, "validate")
	require.NoError(t, err)
	require.Equal(t, "{\"id\":1,\"valid\":true}\n{\"id\":2,\"valid\":false}\n{\"id\":3,\"valid\":null}\n", out)
}

func TestPIIExplain(t *testing.T) {
	t.Parallel()
	out, err := runPII(t, `{"id":1,"text":"je m'appelle Lucie Desmarets"}`+"\n", "explain")
	require.NoError(t, err)
	require.Contains(t, out, `"source":"cue","reason":"an introduction stands before it"`)
	require.NotContains(t, out, "Lucie")
}

func TestPIILinesThatAreNoText(t *testing.T) {
	t.Parallel()
	out, err := runPII(t, "\xEF\xBB\xBF"+`{"id":1,"text":"room 12"}
{"id":2,"text":"half \uD83D of it"}
{"id":3,"text":"whole \uD83D\uDE00, and \\\\ud800"}
{"id":4,"text":"\udc00"}
`, "scan")
	require.ErrorIs(t, err, errPIILines)
	require.Equal(t, "{\"id\":1,\"spans\":[]}\n{\"id\":2,\"error\":\"pii: the text is not valid UTF-8\"}\n"+
		"{\"id\":3,\"spans\":[]}\n{\"id\":4,\"error\":\"pii: the text is not valid UTF-8\"}\n", out)
	out, err = runPII(t, `{"id":1,"entity":"bogus.kind","value":"1"}
{"id":2,"entity":"at.stnr","value":"1"}
`, "validate")
	require.ErrorIs(t, err, errPIILines)
	require.Equal(t, "{\"id\":1,\"error\":\"pii: unknown type\"}\n{\"id\":2,\"valid\":null}\n", out)
}
