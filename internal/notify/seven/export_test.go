package seven

import "github.com/voicehive/voicehive/internal/notify"

// Read reads an answer to a message.
func Read(status int, body []byte) (notify.Receipt, error) {
	return answer{status: status, body: body}.receipt()
}
