package io.odradek.log;

import org.apache.kafka.common.record.internal.MemoryRecords;

/**
 * Records that are ready to be written as they are: offsets, leader epoch, timestamps and CRC are final.
 *
 * @param records the same buffer as was handed in unless the topic asks for another compression
 * @param lastOffset offset of the last record
 * @param maxTimestamp largest timestamp of all batches, -1 if none
 * @param logAppendTimeMs the time given to all records with LogAppendTime, else -1
 */
record ValidatedRecords(MemoryRecords records, long lastOffset, long maxTimestamp, long logAppendTimeMs) {}
