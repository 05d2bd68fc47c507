package sink

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"log"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"strings"
	"unicode/utf8"

	"github.com/emersion/go-smtp"

	"github.com/voicehive/voicehive/internal/notify"
)

// maxParts bounds the parts of a mail, and how deep they lie in each other.
const (
	maxParts = 20
	maxDepth = 4
)

func (s *Sink) newSMTP() *smtp.Server {
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		return &session{sink: s}, nil
	}))
	server.Domain = "sink.invalid"
	server.MaxMessageBytes, server.MaxRecipients, server.MaxLineLength = maxMessage, 50, 2000
	server.ReadTimeout, server.WriteTimeout = idle, idle
	server.EnableSMTPUTF8 = true
	server.ErrorLog = log.New(io.Discard, "", 0)
	return server
}

// A session is one connection's conversation.
type session struct {
	sink *Sink
	from string
	to   []string
}

// Reset implements smtp.Session.
func (c *session) Reset() { c.from, c.to = "", nil }

// Logout implements smtp.Session.
func (c *session) Logout() error { return nil }

// Mail implements smtp.Session.
func (c *session) Mail(from string, _ *smtp.MailOptions) error {
	c.from = from
	return nil
}

// Rcpt implements smtp.Session.
func (c *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	c.to = append(c.to, to)
	return nil
}

// Data implements smtp.Session.
func (c *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	m, err := parseMail(raw)
	if err != nil {
		return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: "this is no mail that can be read"}
	}
	m.To = c.to
	if m.From == "" {
		m.From = c.from
	}
	c.sink.add(m)
	return nil
}

// parseMail reads what a page can show of a mail.
func parseMail(raw []byte) (Received, error) {
	parsed, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return Received{}, errors.New("sink: the mail has no headers")
	}
	m := Received{
		Channel: notify.Email, From: decoded(parsed.Header.Get("From")), Subject: decoded(parsed.Header.Get("Subject")),
		ID:       strings.Trim(parsed.Header.Get("Message-ID"), "<> "),
		Language: parsed.Header.Get("Content-Language"), Headers: parsed.Header,
	}
	left := maxParts
	return m, readPart(&m, textproto.MIMEHeader(parsed.Header), parsed.Body, maxDepth, &left)
}

// decoded reads encoded words; what cannot be read is shown as it is.
func decoded(header string) string {
	text, err := new(mime.WordDecoder).DecodeHeader(header)
	if err != nil {
		return header
	}
	return text
}

var errParts = errors.New("sink: the mail has too many parts")

// readPart takes the first plain text and the first HTML that it finds.
func readPart(m *Received, h textproto.MIMEHeader, body io.Reader, depth int, left *int) error {
	if *left--; *left < 0 || depth == 0 {
		return errParts
	}
	kind, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		kind = "text/plain"
	}
	if strings.HasPrefix(kind, "multipart/") {
		parts := multipart.NewReader(body, params["boundary"])
		for {
			part, err := parts.NextRawPart()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return err
			}
			if err := readPart(m, part.Header, part, depth-1, left); err != nil {
				return err
			}
		}
	}
	content, err := io.ReadAll(io.LimitReader(unpacked(h.Get("Content-Transfer-Encoding"), body), maxMessage))
	if err != nil {
		return err
	}
	text := strings.ReplaceAll(string(content), "\r\n", "\n")
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, "\uFFFD")
	}
	switch {
	case kind == "text/plain" && m.Text == "":
		m.Text = text
	case kind == "text/html" && m.HTML == "":
		m.HTML = text
	}
	return nil
}

func unpacked(encoding string, body io.Reader) io.Reader {
	switch strings.ToLower(encoding) {
	case "quoted-printable":
		return quotedprintable.NewReader(body)
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, body)
	}
	return body
}
