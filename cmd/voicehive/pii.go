package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/voicehive/voicehive/compliance/pii"
	"github.com/voicehive/voicehive/compliance/pii/numbers"
	"github.com/voicehive/voicehive/compliance/pii/redaction"
)

// maxPIILine bounds a line of input, in bytes: a text of the longest kind with
// every character escaped, and what else is in the line.
const maxPIILine = 8 << 20

func newPII() *cobra.Command {
	group := &cobra.Command{
		Use:   "pii",
		Short: "Find and mask personal data in lines of JSON",
		Long: `Find and mask personal data in lines of JSON from standard input, without a
network and without settings. A line that cannot be read is answered with
{"id","error"}, the others go on, and the exit code is 1 at the end.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	group.AddCommand(newPIIScan(), newPIIRedact(), newPIIValidate(), newPIIExplain())
	return group
}

// piiLine is a line of input of scan, redact and explain.
type piiLine struct {
	Text     *string  `json:"text"`
	Language string   `json:"language"`
	Region   string   `json:"region"`
	Entities []string `json:"entities"`
	Context  []string `json:"context"`
	Expect   []string `json:"expect"`
	Known    struct {
		Names     []string `json:"names"`
		Phones    []string `json:"phones"`
		Emails    []string `json:"emails"`
		Bookings  []string `json:"bookings"`
		Addresses []string `json:"addresses"`
	} `json:"known"`
	Allow    []string `json:"allow"`
	MinScore *float64 `json:"min_score"`
}

type piiSpan struct {
	Type   pii.Type `json:"type"`
	Start  int      `json:"start"`
	End    int      `json:"end"`
	Score  float64  `json:"score"`
	Source string   `json:"source,omitempty"`
	Reason string   `json:"reason,omitempty"`
}

type piiSpans struct {
	ID    json.RawMessage `json:"id"`
	Spans []piiSpan       `json:"spans"`
}

type piiText struct {
	ID   json.RawMessage `json:"id"`
	Text string          `json:"text"`
}

type piiValid struct {
	ID    json.RawMessage `json:"id"`
	Valid *bool           `json:"valid"`
}

type piiError struct {
	ID    json.RawMessage `json:"id"`
	Error string          `json:"error"`
}

func newPIIScan() *cobra.Command {
	return piiVerb(&cobra.Command{
		Use:   "scan",
		Short: "Find personal data and write where it is",
		Long: `Find personal data. Reads {"id","text","language"?,"entities"?,"context"?,
"known"?,"allow"?,"min_score"?} and writes {"id","spans":[{"type","start","end",
"score"}]}, positions in Unicode code points, end exclusive. With entities only
those types are reported; names of python-stdnum such as nl.bsn count too, and
spans bear the type (NL_BSN).`,
	}, func(*cobra.Command) (piiAnswer, error) { return scanLine(false), nil })
}

func newPIIExplain() *cobra.Command {
	return piiVerb(&cobra.Command{
		Use:   "explain",
		Short: "Find personal data and write why it is taken for that",
		Long: `Find personal data. Reads the same lines as scan and writes for each span the
source and the reason too.`,
	}, func(*cobra.Command) (piiAnswer, error) { return scanLine(true), nil })
}

func newPIIValidate() *cobra.Command {
	return piiVerb(&cobra.Command{
		Use:   "validate",
		Short: "Check the check digits of numbers",
		Long: `Check the check digits of numbers. Reads {"id","entity","value"} and writes
{"id","valid"}, null where the entity has no check digit. An entity is a type
such as CREDIT_CARD, or country and kind such as nl.bsn.`,
	}, func(*cobra.Command) (piiAnswer, error) { return validateLine, nil })
}

func newPIIRedact() *cobra.Command {
	var sink, file string
	c := piiVerb(&cobra.Command{
		Use:   "redact",
		Short: "Mask personal data and write the text",
		Long: `Mask personal data. Reads the same lines as scan and writes {"id","text"}.
Everything personal is masked, whatever entities are named. Policies that need a
guest's keys cannot be used here.`,
	}, func(*cobra.Command) (piiAnswer, error) {
		policy, err := piiPolicy(sink, file)
		if err != nil {
			return nil, err
		}
		detector := pii.New(pii.Options{})
		if _, err := redaction.New(detector, policy, nil); err != nil {
			return nil, err
		}
		return redactLine(detector, policy), nil
	})
	c.Flags().StringVar(&sink, "sink", "logs", "whose policy counts: live_model, logs or dsar_export")
	c.Flags().StringVar(&file, "policy", "", "YAML file of a policy, instead of a sink's")
	return c
}

func piiPolicy(sink, file string) (redaction.Policy, error) {
	if file == "" {
		return redaction.PolicyOf(sink)
	}
	f, err := os.Open(file)
	if err != nil {
		return redaction.Policy{}, fmt.Errorf("read the policy: %w", err)
	}
	defer f.Close()
	return redaction.ReadPolicy(f)
}

// piiAnswer makes of a line what is written for it.
type piiAnswer func(id json.RawMessage, line []byte) (any, error)

// piiVerb makes a verb that answers line by line.
func piiVerb(c *cobra.Command, make func(*cobra.Command) (piiAnswer, error)) *cobra.Command {
	format := "jsonl"
	c.Args = cobra.NoArgs
	c.RunE = func(c *cobra.Command, _ []string) error {
		if format != "jsonl" {
			return usageError{errors.New("--format must be jsonl, the only one")}
		}
		answer, err := make(c)
		if err != nil {
			return err
		}
		return answerLines(c.Context(), c.InOrStdin(), c.OutOrStdout(), answer)
	}
	c.Flags().StringVar(&format, "format", format, "format of input and output: jsonl")
	return c
}

// errPIILines is the end of a run with lines that could not be answered.
var errPIILines = errors.New("some lines could not be answered; see their errors")

// byteOrderMark is what some editors write before the first line.
const byteOrderMark = "\xEF\xBB\xBF"

func answerLines(ctx context.Context, in io.Reader, out io.Writer, answer piiAnswer) error {
	reader, writer := bufio.NewReaderSize(in, 64<<10), bufio.NewWriterSize(out, 64<<10)
	encoder := json.NewEncoder(writer)
	encoder.SetEscapeHTML(false)
	failed := false
	if mark, err := reader.Peek(len(byteOrderMark)); err == nil && string(mark) == byteOrderMark {
		_, _ = reader.Discard(len(byteOrderMark)) // it is in the buffer
	}
	var line []byte
	for ctx.Err() == nil {
		var long bool
		var readErr error
		line, long, readErr = readLine(reader, line[:0])
		if readErr != nil && readErr != io.EOF {
			return fmt.Errorf("read standard input: %w", readErr)
		}
		if long || len(bytes.TrimSpace(line)) > 0 {
			reply, bad := answerLine(line, long, answer)
			failed = failed || bad
			if err := encoder.Encode(reply); err != nil {
				return fmt.Errorf("write an answer: %w", err)
			}
		}
		// Whoever writes line by line and waits for answers gets them.
		if reader.Buffered() == 0 || readErr == io.EOF {
			if err := writer.Flush(); err != nil {
				return fmt.Errorf("write an answer: %w", err)
			}
		}
		if readErr == io.EOF {
			break
		}
	}
	if err := ctx.Err(); err != nil {
		return errors.Join(err, writer.Flush())
	}
	if failed {
		return errPIILines
	}
	return nil
}

// readLine reads a line. Of one that is too long the rest is thrown away.
func readLine(r *bufio.Reader, line []byte) (_ []byte, long bool, err error) {
	for {
		part, err := r.ReadSlice('\n')
		if len(line)+len(part) > maxPIILine {
			long, line = true, line[:0]
		}
		if !long {
			line = append(line, part...)
		}
		if err != bufio.ErrBufferFull {
			return line, long, err
		}
	}
}

// answerLine answers one line, also one that makes no sense.
func answerLine(line []byte, long bool, answer piiAnswer) (reply any, bad bool) {
	var head struct {
		ID json.RawMessage `json:"id"`
	}
	refuse := func(reason string) (any, bool) {
		if len(head.ID) == 0 || !utf8.Valid(head.ID) {
			head.ID = json.RawMessage("null")
		}
		return piiError{head.ID, reason}, true
	}
	if long {
		return refuse("the line is longer than 8 MiB")
	}
	// The decoder's own words can quote what it read.
	if err := json.Unmarshal(line, &head); err != nil {
		return refuse("the line is not a JSON object")
	}
	if !utf8.Valid(line) || halfPair(line) {
		return refuse(pii.ErrInvalidText.Error())
	}
	if len(head.ID) == 0 {
		head.ID = json.RawMessage("null")
	}
	reply, err := answer(head.ID, line)
	if err != nil {
		return refuse(err.Error())
	}
	return reply, false
}

// halfPair tells whether a line of JSON escapes one half of a surrogate pair
// without the other: the decoder would put another character there and say
// nothing.
func halfPair(line []byte) bool {
	for i := 0; i+1 < len(line); i++ {
		if line[i] != '\\' {
			continue
		}
		switch half := surrogate(line[i:]); {
		case half == 0:
			i++ // what is escaped is no escape
		case half == 'h' && i+6 < len(line) && surrogate(line[i+6:]) == 'l':
			i += 11
		default:
			return true
		}
	}
	return false
}

// surrogate tells which half of a pair an escape begins with: the high one, 'h',
// or the low one, 'l', or 0 for neither.
func surrogate(escape []byte) byte {
	if len(escape) < 6 || escape[0] != '\\' || escape[1] != 'u' || escape[2]|0x20 != 'd' {
		return 0
	}
	switch third := escape[3] | 0x20; {
	case escape[3] == '8' || escape[3] == '9' || third == 'a' || third == 'b':
		return 'h'
	case third >= 'c' && third <= 'f':
		return 'l'
	}
	return 0
}

var errPIIFields = errors.New("a field is missing or has another form; see voicehive pii scan --help")

func readPII(line []byte) (pii.Request, error) {
	var in piiLine
	if err := json.Unmarshal(line, &in); err != nil || in.Text == nil {
		return pii.Request{}, errPIIFields
	}
	r := pii.Request{
		Text: *in.Text, Language: in.Language, Region: in.Region, Context: in.Context, Allow: in.Allow,
		Known: pii.Known{
			Names: in.Known.Names, Phones: in.Known.Phones, Emails: in.Known.Emails,
			Bookings: in.Known.Bookings, Addresses: in.Known.Addresses,
		},
	}
	for _, e := range in.Entities {
		r.Entities = append(r.Entities, pii.Type(e))
	}
	for _, e := range in.Expect {
		r.Expect = append(r.Expect, pii.Type(e))
	}
	if in.MinScore != nil {
		r.MinScore = *in.MinScore
		if r.MinScore == 0 {
			r.MinScore = -1 // a request's zero is the default
		}
	}
	return r, nil
}

func scanLine(explain bool) piiAnswer {
	detector := pii.New(pii.Options{})
	var found []pii.Span
	return func(id json.RawMessage, line []byte) (any, error) {
		request, err := readPII(line)
		if err != nil {
			return nil, err
		}
		if found, err = detector.Scan(found[:0], request); err != nil {
			return nil, err
		}
		spans := make([]piiSpan, len(found))
		for i, s := range found {
			spans[i] = piiSpan{Type: s.Type, Start: s.RuneStart, End: s.RuneEnd, Score: s.Score}
			if explain {
				spans[i].Source, spans[i].Reason = s.Source.String(), s.Reason
			}
		}
		return piiSpans{id, spans}, nil
	}
}

// redactLine masks each line for itself: a pseudonym stands for a value of its
// line.
func redactLine(detector *pii.Detector, policy redaction.Policy) piiAnswer {
	return func(id json.RawMessage, line []byte) (any, error) {
		request, err := readPII(line)
		if err != nil {
			return nil, err
		}
		redactor, err := redaction.New(detector, policy, nil)
		if err != nil {
			return nil, err
		}
		text, err := redactor.Redact(context.Background(), request)
		if err != nil {
			return nil, err
		}
		return piiText{id, text}, nil
	}
}

func validateLine(id json.RawMessage, line []byte) (any, error) {
	var in struct {
		Entity string  `json:"entity"`
		Value  *string `json:"value"`
	}
	if err := json.Unmarshal(line, &in); err != nil || in.Entity == "" || in.Value == nil {
		return nil, errPIIFields
	}
	valid, known := numbers.Valid(in.Entity, *in.Value)
	if !known && !numbers.Known(in.Entity) && !pii.IsType(in.Entity) {
		return nil, pii.ErrUnknownType
	}
	if !known {
		return piiValid{ID: id}, nil
	}
	return piiValid{id, &valid}, nil
}
