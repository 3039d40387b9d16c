package io.odradek.log;

/**
 * Where the state of an active producer comes from when it is rebuilt from the log.
 *
 * @param lastDataOffset offset of its last record, -1 if only a transaction marker is left of its epoch
 * @param producerEpoch its epoch
 */
record LastProducerRecord(long lastDataOffset, short producerEpoch) {}
