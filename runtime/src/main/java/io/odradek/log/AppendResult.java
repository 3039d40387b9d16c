package io.odradek.log;

/**
 * What an append did.
 *
 * @param baseOffset offset of the first record appended, or of the original batch when {@code duplicate}; -1 if nothing
 *     was appended
 * @param lastOffset offset of the last record appended
 * @param logAppendTimeMs the timestamp given to the records when the topic has {@code
 *     message.timestamp.type=LogAppendTime}, else -1; of a duplicate the timestamp of the original batch
 * @param logStartOffset the log start offset at that time
 * @param duplicate true if an idempotent producer sent a batch again that is already in the log; nothing was written
 * @param sizeInBytes bytes written to the log
 */
public record AppendResult(
        long baseOffset,
        long lastOffset,
        long logAppendTimeMs,
        long logStartOffset,
        boolean duplicate,
        int sizeInBytes) {}
