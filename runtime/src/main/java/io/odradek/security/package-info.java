/** Who asks: the request context's principal, and the decisions taken through the authorisation and quota plugins. */
package io.odradek.security;
