package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/voicehive/voicehive/activities/notification"
	"github.com/voicehive/voicehive/activities/notification/letters"
	"github.com/voicehive/voicehive/compliance/region"
	"github.com/voicehive/voicehive/internal/notify"
	"github.com/voicehive/voicehive/internal/notify/email"
	"github.com/voicehive/voicehive/internal/notify/seven"
	"github.com/voicehive/voicehive/starter"
)

// maxMessages bounds the messages that are listed of one hotel.
const maxMessages = 500

func newMessages() *cobra.Command {
	group := &cobra.Command{
		Use:   "messages",
		Short: "See what became of messages to guests, and send one again",
		Long: `See what became of messages to guests: codes, confirmations and letters. Nothing
here tells an address or a text. A message is queued, sending, sent, failed,
unknown: then it may have been sent, and a person has to decide; or skipped: then
it need not be sent, and its problem says why.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	group.AddCommand(newMessagesList(), newMessagesShow(), newMessagesResend(), newMessagesSentence())
	return group
}

// senders are those that the settings name. dial is the region guard's.
func (p *parts) senders(dial func(context.Context, string, string) (net.Conn, error)) (notify.Switch, error) {
	senders := notify.Switch{}
	if mail := p.config.Mail; mail.URL != "" {
		sender, err := email.New(email.Options{URL: mail.URL, From: mail.From, PasswordFile: mail.PasswordFile, Dial: dial})
		if err != nil {
			return nil, fmt.Errorf("VOICEHIVE_SMTP: %w", err)
		}
		senders[notify.Email] = sender
	}
	if sms := p.config.SMS; sms.URL != "" {
		gateway, err := seven.New(seven.Options{URL: sms.URL, KeyFile: sms.KeyFile, Dial: dial})
		if err != nil {
			return nil, fmt.Errorf("VOICEHIVE_SMS: %w", err)
		}
		p.closers = append(p.closers, gateway.Close)
		senders[notify.SMS] = gateway
	}
	return senders, nil
}

// outbox is where messages wait.
func (p *parts) outbox() (*notification.Outbox, *letters.Letters, error) {
	texts, err := letters.New()
	if err != nil {
		return nil, nil, err
	}
	return notification.NewOutbox(p.pool, p.business(), texts), texts, nil
}

// notification composes the delivery of messages. actor is who sends, for the
// audit log.
func (p *parts) notification(actor string) (*notification.Activities, error) {
	senders, err := p.senders(p.guard.For(region.Messages).DialContext)
	if err != nil {
		return nil, err
	}
	outbox, texts, err := p.outbox()
	if err != nil {
		return nil, err
	}
	parts := notification.Parts{
		Outbox: outbox, Letters: texts, Sender: senders, Hotels: p.registry, Audit: p.auditor,
		Suppressions: p.suppressions(), Actor: actor, Registerer: p.metrics,
	}
	if p.temporal != nil { // who only sends again starts nothing
		parts.Bookings, parts.Deliveries = p.ledger, starter.NewDeliveries(p.temporal)
	}
	return notification.New(parts)
}

// sweepMessages has stranded messages delivered until ctx ends.
func (p *parts) sweepMessages(ctx context.Context) error {
	outbox, _, err := p.outbox()
	if err != nil {
		return err
	}
	starter.NewDeliveries(p.temporal).Sweep(ctx, outbox, starter.Sweeping{}, p.log)
	return nil
}

// withOutbox does something with the outbox.
func withOutbox(ctx context.Context, do func(*parts, *notification.Outbox) error) error {
	p, err := openStores(ctx, "messages")
	if err != nil {
		return err
	}
	defer p.close()
	outbox, _, err := p.outbox()
	if err != nil {
		return err
	}
	return do(p, outbox)
}

func newMessagesList() *cobra.Command {
	var hotel, state string
	c := &cobra.Command{
		Use:   "list",
		Short: "List the messages of a hotel, or of all, the newest first",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if state != "" && !slices.Contains(notification.States(), notification.State(state)) {
				return usageError{fmt.Errorf("--state: want one of %s", stateNames())}
			}
			return withOutbox(c.Context(), func(p *parts, outbox *notification.Outbox) error {
				hotels, err := p.hotels(c.Context(), hotel)
				if err != nil {
					return err
				}
				all := []notification.Message{}
				for _, id := range hotels {
					messages, err := outbox.Messages(c.Context(), id, notification.State(state), maxMessages)
					if err != nil {
						return err
					}
					all = append(all, messages...)
				}
				rows := [][]string{{"HOTEL", "MESSAGE", "KIND", "CHANNEL", "STATE", "ATTEMPTS", "PROBLEM", "SINCE", "SENT"}}
				for _, m := range all {
					rows = append(rows, []string{m.Hotel, m.ID, string(m.Kind), string(m.Channel), string(m.State), strconv.Itoa(m.Attempts), m.Problem, moment(m.CreatedAt), moment(m.SentAt)})
				}
				return show(c, all, func(w io.Writer) { table(w, rows...) })
			})
		},
	}
	c.Flags().StringVar(&hotel, "hotel", "", "this hotel only")
	c.Flags().StringVar(&state, "state", "", "this state only: "+stateNames())
	return withJSON(c)
}

func newMessagesShow() *cobra.Command {
	return withJSON(&cobra.Command{
		Use:   "show HOTEL MESSAGE",
		Short: "Show what became of a message",
		Args:  exactly(2, "a hotel's id and a message's"),
		RunE: func(c *cobra.Command, args []string) error {
			return withOutbox(c.Context(), func(_ *parts, outbox *notification.Outbox) error {
				m, err := outbox.Message(c.Context(), args[0], args[1])
				if err != nil {
					return err
				}
				return show(c, m, func(w io.Writer) { printMessage(w, m) })
			})
		},
	})
}

func newMessagesResend() *cobra.Command {
	var again bool
	c := &cobra.Command{
		Use:   "resend HOTEL MESSAGE",
		Short: "Send a message again that failed or whose outcome is not known",
		Long: `Send a message again that failed or whose outcome is not known, now and from
here. It keeps its id, so that mail systems know a copy. With --again one that
was sent is sent once more. A one-time code is never sent again: make a new one.`,
		Args: exactly(2, "a hotel's id and a message's"),
		RunE: func(c *cobra.Command, args []string) error {
			return withOutbox(c.Context(), func(p *parts, outbox *notification.Outbox) error {
				activities, err := p.notification("ops")
				if err != nil {
					return err
				}
				ref := notification.MessageRef{Hotel: args[0], Message: args[1]}
				_, sendErr := activities.Resend(c.Context(), ref, again)
				if errors.Is(sendErr, notification.ErrNotAgain) || errors.Is(sendErr, notification.ErrNoMessage) {
					return sendErr
				}
				m, err := outbox.Message(c.Context(), ref.Hotel, ref.Message)
				if err != nil {
					return errors.Join(sendErr, err)
				}
				if err := show(c, m, func(w io.Writer) { printMessage(w, m) }); err != nil {
					return err
				}
				if m.State != notification.Sent {
					return errors.Join(errors.New("the message was not sent"), sendErr)
				}
				return nil
			})
		},
	}
	c.Flags().BoolVar(&again, "again", false, "also when it was sent")
	return withJSON(c)
}

func newMessagesSentence() *cobra.Command {
	return withJSON(&cobra.Command{
		Use:   "sentence HOTEL KIND LANGUAGE SENTENCE",
		Short: "Add a sentence of the hotel's own to a kind of letter; an empty one takes it away",
		Long: `Add a sentence of the hotel's own to a kind of letter in one language; an empty
one takes it away. It stands in e-mails only, after what the law demands.

Kinds:      ` + kindNames() + `
Languages:  ` + strings.Join(letters.Languages(), ", "),
		Args: exactly(4, "a hotel's id, a kind, a language and a sentence"),
		RunE: func(c *cobra.Command, args []string) error {
			return withOutbox(c.Context(), func(p *parts, outbox *notification.Outbox) error {
				if _, err := p.registry.Hotel(c.Context(), args[0]); err != nil {
					return err
				}
				err := outbox.SetSentence(c.Context(), args[0], letters.Kind(args[1]), args[2], args[3])
				if errors.Is(err, notification.ErrDraft) {
					return usageError{err}
				}
				if err != nil {
					return err
				}
				return show(c, map[string]string{"hotel": args[0], "kind": args[1], "language": args[2], "sentence": args[3]},
					func(w io.Writer) { fmt.Fprintln(w, "Saved. The next letters have it.") })
			})
		},
	})
}

func kindNames() string { return joined(letters.Kinds()) }

func stateNames() string { return joined(notification.States()) }

func joined[S ~string](names []S) string {
	var all []string
	for _, name := range names {
		all = append(all, string(name))
	}
	return strings.Join(all, ", ")
}

func printMessage(w io.Writer, m notification.Message) {
	table(w,
		[]string{"hotel", m.Hotel}, []string{"message", m.ID}, []string{"about", m.Scope}, []string{"kind", string(m.Kind)},
		[]string{"channel", string(m.Channel)}, []string{"state", string(m.State)}, []string{"language", m.Language},
		[]string{"attempts", strconv.Itoa(m.Attempts)}, []string{"problem", m.Problem}, []string{"receipt", fmt.Sprintf("%x", m.Receipt)},
		[]string{"since", moment(m.CreatedAt)}, []string{"sent", moment(m.SentAt)})
}
