package io.odradek.metadata;

/** The levels of a feature that are served, both ends included. */
public record VersionRange(short min, short max) {
    public VersionRange {
        if (min < 0 || max < min) {
            throw new IllegalArgumentException("no range: " + min + " to " + max);
        }
    }

    public boolean contains(short level) {
        return min <= level && level <= max;
    }

    @Override
    public String toString() {
        return min == max ? String.valueOf(min) : min + "-" + max;
    }
}
