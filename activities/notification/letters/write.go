package letters

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"github.com/voicehive/voicehive/internal/notify"
)

//go:embed letter.html
var layoutSource string

// layout escapes whatever it is given: data and texts alike are plain text.
var layout = template.Must(template.New("letter").Option("missingkey=error").Parse(layoutSource))

// Hotel is what a letter tells of who writes it.
type Hotel struct {
	Name      string
	Phone     string // empty, as the next three, when the registry has none
	Email     string
	Address   string   // the postal one, in one line
	Privacy   string   // e-mail address for questions about personal data
	Country   string   // ISO 3166-1 alpha-2
	Languages []string // the hotel's own, the first one first
}

// signature is the hotel's name, and how to reach it but by phone.
func (h Hotel) signature() []string {
	return slices.DeleteFunc([]string{h.Name, h.Address, h.Email}, func(line string) bool { return line == "" })
}

// An Order is a letter to write.
type Order struct {
	Hotel Hotel
	// Languages are the guest's, the first one first; may be empty.
	Languages []string
	Channel   notify.Channel
	Data      Data
	// Sentence is the hotel's own, added to an e-mail; may be empty.
	Sentence string
}

// A Letter is what the guest reads.
type Letter struct {
	Language string
	Subject  string // empty for a text message
	Text     string
	HTML     string // empty for a text message
}

// filling is what the texts can name.
type filling struct {
	Hotel     Hotel
	Data      Data
	Authority Authority
}

// part is a written part of a letter, the same for text and HTML.
type part struct {
	Text, Code, Link string
	Facts            [][2]string
	Items            []string
}

// Write writes a letter. Errors wrap ErrData, ErrLanguage, ErrSentence or
// ErrChannel, and quote nothing of the guest.
func (l *Letters) Write(o Order) (Letter, error) {
	if o.Data == nil {
		return Letter{}, fmt.Errorf("%w: there is none", ErrData)
	}
	if err := o.Data.validate(); err != nil {
		return Letter{}, err
	}
	if !line(o.Hotel.Name, 100) {
		return Letter{}, fmt.Errorf("%w: the hotel's name", ErrData)
	}
	name, err := Choose(o.Languages, o.Hotel.Languages)
	if err != nil {
		return Letter{}, err
	}
	t := l.languages[name]
	f := filling{Hotel: o.Hotel, Data: o.Data, Authority: l.AuthorityOf(o.Hotel.Country)}
	if o.Channel == notify.SMS {
		return t.short(o, f)
	}
	return t.long(o, f)
}

// short writes a text message.
func (t *texts) short(o Order, f filling) (Letter, error) {
	k := t.kinds[o.Data.Kind()]
	if k.sms == nil || mustComplain(o.Data) {
		return Letter{}, ErrChannel
	}
	text, err := execute(k.sms, f)
	if err != nil {
		return Letter{}, gap(err)
	}
	// Blanks that no line may break at are not in a phone's alphabet, and one
	// of them would double the message's price.
	text = strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(text)
	return Letter{Language: t.file.Language, Text: text}, nil
}

// long writes an e-mail.
func (t *texts) long(o Order, f filling) (Letter, error) {
	subject, err := execute(t.kinds[o.Data.Kind()].subject, f)
	if err != nil {
		return Letter{}, gap(err)
	}
	parts, err := t.parts(o, f)
	if err != nil {
		return Letter{}, err
	}
	letter := Letter{Language: t.file.Language, Subject: subject, Text: plain(t.file, o.Hotel, parts)}
	var html bytes.Buffer
	err = layout.Execute(&html, map[string]any{
		"Language": t.file.Language, "Subject": subject, "Greeting": t.file.Greeting, "Parts": parts,
		"Closing": t.file.Closing, "Hotel": o.Hotel.Name, "Signature": o.Hotel.signature(), "Automatic": t.file.Automatic,
	})
	letter.HTML = html.String()
	return letter, err
}

// parts writes the body: what the language's file has, then what no file can
// leave out or move.
func (t *texts) parts(o Order, f filling) ([]part, error) {
	var parts []part
	for _, b := range t.kinds[o.Data.Kind()].body {
		p, err := t.part(b, o.Data, f)
		if err != nil {
			return nil, gap(err)
		}
		parts = append(parts, p...)
	}
	if mustComplain(o.Data) {
		text, err := execute(t.complaint, f)
		if err != nil {
			return nil, gap(err)
		}
		parts = append(parts, part{Text: text})
	}
	if o.Sentence != "" {
		if err := ValidateSentence(o.Sentence); err != nil {
			return nil, err
		}
		parts = append(parts, part{Text: o.Sentence})
	}
	return t.reach(parts, o, f)
}

// reach adds how to reach the hotel, as far as its entry says.
func (t *texts) reach(parts []part, o Order, f filling) ([]part, error) {
	for _, way := range []struct {
		known bool
		text  *textTemplate
	}{
		{o.Hotel.Phone != "", t.contact},
		{o.Hotel.Privacy != "" && o.Data.Kind().OfCase(), t.privacy},
	} {
		if !way.known {
			continue
		}
		text, err := execute(way.text, f)
		if err != nil {
			return nil, gap(err)
		}
		parts = append(parts, part{Text: text})
	}
	return parts, nil
}

// part writes one block, or nothing for one that has nothing to say.
func (t *texts) part(b block, data Data, f filling) ([]part, error) {
	switch {
	case b.List != "":
		items, err := t.items(b.List, data)
		if err != nil || len(items) == 0 {
			return nil, err
		}
		if b.Intro != "" {
			return []part{{Text: b.Intro}, {Items: items}}, nil
		}
		return []part{{Items: items}}, nil
	case b.Note != "":
		if note := explanation(data); note != "" {
			return []part{{Text: note}}, nil
		}
		return nil, nil
	case b.Link != "" && link(data) == "":
		return nil, nil
	}
	text, err := execute(b.text, f)
	if err != nil {
		return nil, err
	}
	switch {
	case b.Code != "":
		return []part{{Code: text}}, nil
	case b.Link != "":
		return []part{{Text: text, Link: link(data)}}, nil
	case len(b.facts) > 0:
		facts, err := table(b.facts, f)
		return []part{{Facts: facts}}, err
	}
	return []part{{Text: text}}, nil
}

// table writes the rows that have something to say.
func table(rows [][2]*textTemplate, f filling) ([][2]string, error) {
	var facts [][2]string
	for _, row := range rows {
		var fact [2]string
		for j, cell := range row {
			text, err := execute(cell, f)
			if err != nil {
				return nil, err
			}
			fact[j] = text
		}
		if fact[1] != "" {
			facts = append(facts, fact)
		}
	}
	return facts, nil
}

// items are the lines of a list.
func (t *texts) items(list string, data Data) ([]string, error) {
	var items []string
	if list == "reasons" {
		for _, reason := range reasons(data) {
			items = append(items, t.file.Reasons[reason])
		}
		return items, nil
	}
	for _, k := range kept(data) {
		text, err := execute(t.keptUntil, map[string]any{"What": t.file.Kept[k.What], "Until": k.Until})
		if err != nil {
			return nil, err
		}
		items = append(items, text)
	}
	return items, nil
}

// plain lays a letter out for readers without HTML.
func plain(f file, hotel Hotel, parts []part) string {
	var out strings.Builder
	out.WriteString(f.Greeting + "\n\n")
	for _, p := range parts {
		switch {
		case p.Code != "":
			out.WriteString("    " + p.Code + "\n")
		case p.Link != "":
			out.WriteString(p.Text + "\n" + p.Link + "\n")
		case len(p.Facts) > 0:
			for _, fact := range p.Facts {
				out.WriteString("  " + fact[0] + ": " + fact[1] + "\n")
			}
		case len(p.Items) > 0:
			for _, item := range p.Items {
				out.WriteString("  - " + item + "\n")
			}
		default:
			out.WriteString(p.Text + "\n")
		}
		out.WriteString("\n")
	}
	out.WriteString(f.Closing + "\n" + strings.Join(hotel.signature(), "\n") + "\n\n-- \n" + f.Automatic + "\n")
	return out.String()
}

// gap is an error of a template, which may quote its data.
func gap(error) error { return fmt.Errorf("%w: a text cannot be filled in", ErrData) }

// Fits refuses a kind of message that a channel has no room for: ErrChannel.
func (l *Letters) Fits(channel notify.Channel, data Data) error {
	if channel == notify.SMS && (l.languages["en"].kinds[data.Kind()].sms == nil || mustComplain(data)) {
		return ErrChannel
	}
	return nil
}
