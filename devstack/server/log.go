package server

import (
	"fmt"
	"log/slog"

	"go.temporal.io/server/common/log"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// newLogger writes to stderr, one line for each entry: stdout belongs to the
// ready line. A fault the Temporal libraries cannot survive is always written,
// whatever the level, because they end the process with it. The level can be
// changed while the server runs.
func newLogger(level, format string) (log.Logger, zap.AtomicLevel, error) {
	levels := map[string]zapcore.Level{
		"":      zap.WarnLevel,
		"debug": zap.DebugLevel,
		"info":  zap.InfoLevel,
		"warn":  zap.WarnLevel,
		"error": zap.ErrorLevel,
		"never": zap.FatalLevel,
	}
	encodings := map[string]string{"": "console", "text": "console", "pretty": "console", "json": "json"}
	minimum, ok := levels[level]
	if !ok {
		return nil, zap.AtomicLevel{}, fmt.Errorf("--log-level %q is unknown: use debug, info, warn, error or never", level)
	}
	encoding, ok := encodings[format]
	if !ok {
		return nil, zap.AtomicLevel{}, fmt.Errorf("--log-format %q is unknown: use text or json", format)
	}
	atomic := zap.NewAtomicLevelAt(minimum)
	logger, err := zap.Config{
		Level:             atomic,
		Encoding:          encoding,
		EncoderConfig:     log.DefaultZapEncoderConfig,
		OutputPaths:       []string{"stderr"},
		ErrorOutputPaths:  []string{"stderr"},
		DisableCaller:     true,
		DisableStacktrace: true,
	}.Build()
	if err != nil {
		return nil, zap.AtomicLevel{}, fmt.Errorf("open the log: %w", err)
	}
	return log.NewZapLogger(logger), atomic, nil
}

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }
