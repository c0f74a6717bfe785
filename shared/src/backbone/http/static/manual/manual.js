// Draws the documentation from the description that the service itself gives.
const page = document.getElementById("manual");
if (window.SwaggerUIBundle) {
  page.replaceChildren();
  window.ui = SwaggerUIBundle({
    url: page.dataset.description,
    domNode: page,
    deepLinking: true,
    displayRequestDuration: true,
    tryItOutEnabled: true,
    validatorUrl: null,
  });
}
