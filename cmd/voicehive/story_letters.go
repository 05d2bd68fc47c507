package main

import (
	"context"
	"fmt"
	"time"
)

// letterPatience is how long the story waits for a letter. Nobody else does:
// the caller was answered before it was written.
const letterPatience = 30 * time.Second

// told shows that the guest was told of what happened, by one more letter in
// their language. Of the letter it tells no more than subject and language. In
// a house without a mailbox there are none.
func (s *story) told(ctx context.Context, c *chapter) error {
	if s.mailbox == nil {
		return nil
	}
	s.letters++
	ctx, cancel := context.WithTimeout(ctx, letterPatience)
	defer cancel()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	received := s.mailbox.Messages()
	for ; len(received) < s.letters; received = s.mailbox.Messages() {
		select {
		case <-ctx.Done():
			return fmt.Errorf("the guest has %d letters, not %d: %w", len(received), s.letters, ctx.Err())
		case <-look.C:
		}
	}
	if len(received) > s.letters {
		return fmt.Errorf("the guest has %d letters, not %d", len(received), s.letters)
	}
	letter := received[len(received)-1]
	if letter.Language != ada.Language || letter.Copy {
		return fmt.Errorf("letter %d is in %q, and a copy: %t", s.letters, letter.Language, letter.Copy)
	}
	s.say(c, "E-mail to the guest, in %q: %s", letter.Language, letter.Subject)
	return nil
}
