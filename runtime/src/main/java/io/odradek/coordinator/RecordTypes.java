package io.odradek.coordinator;

import org.apache.kafka.common.protocol.ApiMessage;

/** The types of records that an internal topic has. */
public interface RecordTypes {
    /** @throws org.apache.kafka.common.errors.UnsupportedVersionException the type is unknown to this version */
    ApiMessage newKey(short type);

    /** @throws org.apache.kafka.common.errors.UnsupportedVersionException the type is unknown to this version */
    ApiMessage newValue(short type);
}
