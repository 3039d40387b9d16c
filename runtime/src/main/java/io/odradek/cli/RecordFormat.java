package io.odradek.cli;

/** Makes a record of a line. */
@FunctionalInterface
interface RecordFormat {
    /**
     * @param line the line's bytes
     * @param number its number, from 1
     * @throws CommandFailure if the line is not a record; names the line
     */
    InputRecord read(byte[] line, long number);
}
